import Glibc
import NIOCore
import SIPKit

/// Between our addresses and NIO's.
extension SIPKit.SocketAddress {
    var nio: NIOCore.SocketAddress? {
        self.withSystemAddress { address, _ in
            switch Int32(address.pointee.sa_family) {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { NIOCore.SocketAddress($0.pointee) }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { NIOCore.SocketAddress($0.pointee) }
            default: nil
            }
        }
    }

    init?(_ address: NIOCore.SocketAddress?) {
        switch address {
        case .v4(let v4): self.init(system: withUnsafeBytes(of: v4.address) { Array($0) })
        case .v6(let v6): self.init(system: withUnsafeBytes(of: v6.address) { Array($0) })
        default: return nil
        }
    }

    private init?(system bytes: [UInt8]) {
        let address = bytes.withUnsafeBytes { raw in raw.baseAddress.flatMap { SIPKit.SocketAddress(system: $0) } }
        guard let address else { return nil }
        self = address
    }
}

extension StreamError {
    /// NIO's errors in our words.
    init(_ error: any Error) {
        switch error {
        case let error as StreamError: self = error
        case let error as IOError: self = .system(error.errnoCode)
        case ChannelError.connectTimeout: self = .timedOut("connection")
        case ChannelError.eof, ChannelError.inputClosed, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed:
            self = .closedByPeer
        default: self = TLSWords.error(error) ?? .other("\(error)")
        }
    }
}
