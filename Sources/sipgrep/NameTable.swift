import Glibc
import SIPKit

/// `--names`: what people call addresses. Off unless asked for: a look-up tells a name server what is looked at.
final class NameTable: @unchecked Sendable {
    private var names: [IPAddress: String]
    private let asksDNS: Bool

    static let maximumNames = 100_000

    /// - Parameter source: a file of addresses and names as /etc/hosts, `dns`, or `docker` for containers.
    /// - Throws: ``Failure`` when the file cannot be read or no container engine answers.
    init(_ source: String) throws(Failure) {
        self.names = [:]
        self.asksDNS = source == "dns"
        guard !self.asksDNS else { return }
        if source == "docker" {
            self.names = try ContainerNames.ask()
            return
        }
        guard let file = fopen(source, "re") else {
            throw Failure("--names \(Printable.text(source.utf8)): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1024)
        while fgets(&buffer, 1024, file) != nil, self.names.count < Self.maximumNames {
            let line = buffer.prefix { $0 != 0 && $0 != 0x23 }.map { UInt8(bitPattern: $0) }
            let words = line.split { ASCII.isLWS($0) }
            guard words.count >= 2, let ip = IPAddress(String(decoding: words[0], as: UTF8.self)) else { continue }
            self.names[ip] = Printable.text(words[1])
        }
    }

    /// The name; asked for once where there is none yet.
    func name(_ ip: IPAddress) -> String? {
        if let known = self.names[ip] { return known.isEmpty ? nil : known }
        guard self.asksDNS, self.names.count < Self.maximumNames else { return nil }
        let name = Self.ask(ip)
        self.names[ip] = name ?? ""
        return name
    }

    /// `name:5060`, or the address where it has no name.
    func text(_ address: SocketAddress) -> String {
        self.name(address.ip).map { "\($0):\(address.port)" } ?? "\(address)"
    }

    private static func ask(_ ip: IPAddress) -> String? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(ip.description, nil, &hints, &list) == 0, let found = list?.pointee else { return nil }
        defer { freeaddrinfo(list) }
        var host = [CChar](repeating: 0, count: 1025)
        guard getnameinfo(found.ai_addr, found.ai_addrlen, &host, 1025, nil, 0, NI_NAMEREQD) == 0 else { return nil }
        return Printable.text(host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
}
