import Glibc
import SIPKit

/// The wrapping that access points and routers (MikroTik's sniffer) send mirrored frames in: tagged fields until the end
/// tag, then the frame.
enum TZSP {
    /// Where the frame begins, and of which link type it is.
    static func frame(_ bytes: Span<UInt8>, _ at: Int) -> (start: Int, link: LinkType)? {
        guard bytes.u8(at) == 1, bytes.u8(at + 1) <= 1, bytes.u16(at + 2) == 1 || bytes.u16(at + 2) == 18 else {
            return nil
        }
        let link: LinkType = bytes.u16(at + 2) == 18 ? .wifi : .ethernet
        var place = at + 4
        while place < bytes.count {
            let tag = bytes.u8(place)
            if tag == 1 { return (place + 1, link) }
            place += tag == 0 ? 1 : 2 + bytes.u8(place + 1)
        }
        return nil
    }
}

/// Receives TZSP and hands on the frames inside, as a device would.
public final class TZSPListener {
    public let address: HEPAddress
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// Datagrams that were no TZSP, or held a frame of another kind.
    public private(set) var strange = 0

    /// - Throws: ``CaptureError`` when the address cannot be had.
    public init(_ address: HEPAddress) throws(CaptureError) {
        self.address = address
        self.descriptor = try address.socket(passive: true)
        var size: Int32 = 4 << 20
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(self.descriptor) }

    /// Hands on what has arrived, waiting for at most `timeout` milliseconds for the first frame. The time is ours: the
    /// wrapping has none.
    public func take(timeout: Int32, _ handle: (PacketRecord, Span<UInt8>) -> Void) {
        var ready = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, timeout) > 0 else { return }
        for _ in 0..<1024 {
            let count = self.buffer.withUnsafeMutableBytes {
                recv(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            guard count >= 0 else { return }
            let datagram = self.buffer.span.extracting(first: count)
            guard let (start, link) = TZSP.frame(datagram, 0) else {
                self.strange += 1
                continue
            }
            let frame = datagram.part(start, count)
            let record = PacketRecord(
                time: WallClock.now(), start: 0, count: frame.count, wireLength: frame.count, link: link)
            handle(record, frame)
        }
    }
}
