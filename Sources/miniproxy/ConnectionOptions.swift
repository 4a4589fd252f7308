import ArgumentParser
import SIPKit
import SIPNet

/// The command line's options about TLS, connections and name servers.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("PEM file: our certificate, and those between it and the root.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("PEM file: the key of --tls-cert, where that does not have it.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp("PEM file: the authorities to trust instead of the system's.", valueName: "file"))
    var tlsCa: String?

    @Option(
        help: ArgumentHelp("Certificates of clients: no, asked, required.", valueName: "what"))
    var tlsVerify: String?

    @Flag(help: "Connect to TLS servers whatever their certificate. For tests.")
    var tlsInsecure = false

    @Option(
        help: ArgumentHelp(
            "Append the secrets of TLS connections to this file, for Wireshark. For tests.", valueName: "file"))
    var tlsKeyLog: String?

    @Option(
        help: ArgumentHelp(
            "Ask this name server instead of the system's; repeat it for several.", valueName: "address[:port]"))
    var dnsServer: [String] = []

    @Option(help: ArgumentHelp("Connections in all, and from one address.", valueName: "all[,each]"))
    var maxConnections: String?

    @Option(
        help: ArgumentHelp(
            "Under load, wait this long for datagrams to come together, where that helps; 0 never.",
            valueName: "microseconds"))
    var coalesce = 300

    func apply(to configuration: inout ProxyServer.Configuration) throws {
        if let file = self.tlsCert {
            configuration.tls.certificateFile = file
            configuration.tls.keyFile = nil
        }
        if let file = self.tlsKey { configuration.tls.keyFile = file }
        if let file = self.tlsCa { configuration.tls.trustFile = file }
        configuration.tls.keyLogFile = self.tlsKeyLog
        configuration.verifiesServers = !self.tlsInsecure
        if let text = self.tlsVerify {
            guard let wanted = TLSOptions.ClientCertificate(rawValue: text) else {
                throw ValidationError("--tls-verify \(text): expected no, asked or required")
            }
            configuration.tls.clientCertificate = wanted
        }
        for text in self.dnsServer {
            guard let address = SocketAddress(text, defaultPort: 53) else {
                throw ValidationError("--dns-server \(text): expected an address, as 192.0.2.53 or 127.0.0.1:5353")
            }
            configuration.nameServers.append(address)
        }
        guard (0...10_000).contains(self.coalesce) else {
            throw ValidationError("--coalesce \(self.coalesce): expected microseconds, 0 to 10000")
        }
        configuration.coalesceMicroseconds = self.coalesce
        if let text = self.maxConnections {
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { part -> Int? in
                let digits = Array(part.utf8)
                return ASCII.number(digits.span, ByteRange(0, digits.count), limit: 1_000_000).map { Int($0) }
            }
            guard (1...2).contains(numbers.count), let all = numbers[0], let each = numbers[numbers.count - 1] else {
                throw ValidationError("--max-connections \(text): expected a number or two, as 20000,2000")
            }
            configuration.streams.connections = all
            configuration.streams.connectionsPerSource = numbers.count == 2 ? each : all
        }
    }
}
