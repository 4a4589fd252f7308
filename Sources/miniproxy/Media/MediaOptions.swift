import ArgumentParser
import SIPKit

/// Where media goes: the command line before the script.
struct MediaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ports of the media relay, two for each side of each stream. Usually 35000-45999.",
            valueName: "low-high"))
    var mediaPorts: String?

    @Option(
        help: ArgumentHelp(
            "An address that the media relay sends from; repeat it for several. Usually those that are listened on.",
            valueName: "address"))
    var mediaAddress: [String] = []

    @Option(
        help: ArgumentHelp(
            "The program that carries media, whatever the script's rtpproxy_sock says: udp:host:port, unix:/path, or `own` for our relay.",
            valueName: "socket"))
    var rtpproxy: String?

    @Option(
        help: ArgumentHelp(
            "Let another proxy drive our media relay: take rtpproxy's commands here.", valueName: "udp:address:port"))
    var rtpproxyListen: String?

    func validate() throws {
        if let text = self.mediaPorts, Self.ports(text) == nil {
            throw ValidationError("--media-ports \(text): expected two numbers from 1024 to 65535, as 35000-45999")
        }
        for text in self.mediaAddress where IPAddress(text) == nil || IPAddress(text)?.isAny == true {
            throw ValidationError("--media-address \(text): expected an address of this machine, as 192.0.2.1")
        }
        if let text = self.rtpproxy, text != "own", RTPProxyAddress(text) == nil {
            throw ValidationError("--rtpproxy \(text): expected own, udp:address:port or unix:/path")
        }
        if let text = self.rtpproxyListen, Self.listener(text) == nil {
            throw ValidationError("--rtpproxy-listen \(text): expected udp:address:port, as udp:127.0.0.1:7722")
        }
    }

    func apply(to settings: inout MediaSettings) {
        if let ports = self.mediaPorts.flatMap(Self.ports) { settings.ports = ports }
        settings.addresses = self.mediaAddress.compactMap { IPAddress($0) }
        if self.rtpproxy == "own" {
            settings.engine = .own
        } else if let address = self.rtpproxy.flatMap({ RTPProxyAddress($0) }) {
            settings.engine = .external(address)
        }
        settings.listener = self.rtpproxyListen.flatMap(Self.listener)
    }

    static func ports(_ text: String) -> ClosedRange<UInt16>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let low = UInt16(parts[0]), let high = UInt16(parts[1]), low >= 1024, high > low else {
            return nil
        }
        return low...high
    }

    private static func listener(_ text: String) -> SocketAddress? {
        guard case .udp(let address)? = RTPProxyAddress(text) else { return nil }
        return address
    }
}
