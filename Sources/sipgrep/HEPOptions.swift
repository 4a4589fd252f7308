import ArgumentParser
import SIPTrace

/// The options for capture agents and collectors (HEP).
struct HEPOptions: ParsableArguments {
    @Option(
        name: .customShort("L"),
        help: ArgumentHelp("Receive HEP (version 1, 2, 3) instead of capturing.", valueName: "udp:host:port"))
    var listen: String?
    @Option(
        name: .customShort("H"),
        help: ArgumentHelp("Send what matched to a HEP collector.", valueName: "udp|tcp:host:port"))
    var send: String?
    @Option(name: .customLong("hep"), help: ArgumentHelp("auto, or off: do not open HEP packets.", valueName: "how"))
    var opening = "auto"
    @Option(name: .customLong("hep-version"), help: "2 or 3.")
    var version = 3
    @Option(name: .customLong("hep-id"), help: "The agent's number.")
    var agent: UInt32 = 2002
    @Option(name: .customLong("hep-name"), help: "The agent's name.")
    var name = ""
    @Option(name: .customLong("hep-pass"), help: "The collector's key; HEP sends it in clear.")
    var password = ""

    func apply(to settings: inout Settings) throws(Failure) {
        guard self.opening == "auto" || self.opening == "off" else { throw Failure("--hep: auto or off is expected") }
        if self.opening == "off" { settings.opensHEP = false }
        if let text = self.listen {
            guard settings.files.isEmpty else { throw Failure("-L and -I exclude one another") }
            settings.listensTo = try Self.address("-L", text)
        }
        if let text = self.send { settings.sendsTo = try Self.address("-H", text) }
        guard self.version == 2 || self.version == 3 else { throw Failure("--hep-version: 2 or 3 is expected") }
        settings.hepVersion = self.version
        settings.hepAgent = self.agent
        settings.hepName = self.name
        settings.hepPassword = self.password
    }

    private static func address(_ option: String, _ text: String) throws(Failure) -> HEPAddress {
        guard let address = HEPAddress(text) else {
            throw Failure("\(option): udp:HOST:PORT is expected, here is \"\(text)\"")
        }
        return address
    }
}
