import SIPKit
import SIPNet

/// What a script says about where to listen and what else we are called: `listen`, `port`, `alias` (LANGUAGE.md §3).
///
/// The command line stands above all of it: `--listen` takes the place of `listen`, `--domain` adds to `alias`.
struct ScriptSockets: Equatable {
    /// What to bind, in order; empty where the script says nothing.
    var listen: [ListenAddress] = []
    var aliases: [Alias] = []
    /// What cannot be done, as sentences for the log.
    var refused: [String] = []

    struct Alias: Equatable {
        var host: String
        var port: UInt16?
    }

    /// `disable_tcp`
    var isWithoutTCP = false
    /// `tls_certificate`, `tls_private_key`, `tls_ca_list`, `tls_verify`, `tls_require_certificate`
    var tls = TLSOptions()

    init(_ script: CheckedScript) {
        func number(_ name: String) -> Int? { script.global(name).last?.integer }
        func text(_ name: String) -> String? { script.global(name).last?.text }
        let port = number("port").flatMap { UInt16(exactly: $0) } ?? 5060
        self.isWithoutTCP = number("disable_tcp") == 1
        self.tls.certificateFile = text("tls_certificate")
        self.tls.keyFile = text("tls_private_key")
        self.tls.trustFile = text("tls_ca_list")
        if number("tls_verify") == 1 { self.tls.clientCertificate = .asked }
        if number("tls_require_certificate") == 1 { self.tls.clientCertificate = .required }
        for value in script.global("listen") {
            guard let found = ListenAddress.parse(value.text, defaultPort: port) else {
                self.refused.append(
                    value.text.lowercased().hasPrefix("sctp:")
                        ? "listen=\(value.text): SCTP is not there; not listening on it"
                        : "listen=\(value.text): give the address itself; names and interfaces are not looked up")
                continue
            }
            self.listen += found
        }
        // Without `listen`, SER takes all interfaces; here a port alone changes the port and stays on this machine.
        if self.listen.isEmpty, self.refused.isEmpty, !script.global("port").isEmpty {
            self.listen = ListenAddress.both(SocketAddress(.loopbackV4, port))
        }
        if self.isWithoutTCP { self.listen.removeAll { $0.transport == .tcp } }
        if number("disable_tls") == 1 || number("enable_tls") == 0 { self.listen.removeAll { $0.transport == .tls } }
        for value in script.global("alias") {
            let (_, rest) = Self.transport(value.text)
            let parts = rest.split(separator: ":", maxSplits: 1)
            guard let host = parts.first, !rest.hasPrefix("[") else {
                self.aliases.append(Alias(host: rest, port: nil))
                continue
            }
            let digits = parts.count == 2 ? Array(parts[1].utf8) : []
            let number = ASCII.number(digits.span, ByteRange(0, digits.count), limit: 65_535)
            self.aliases.append(Alias(host: String(host), port: number.map { UInt16($0) }))
        }
    }

    private static func transport(_ text: String) -> (name: String, rest: String) {
        for name in ["udp", "tcp", "tls", "sctp"] where text.lowercased().hasPrefix(name + ":") {
            return (name, String(text.dropFirst(name.count + 1)))
        }
        return ("udp", text)
    }
}
