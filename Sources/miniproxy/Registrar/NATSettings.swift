import SIPKit

/// What nathelper, mediaproxy and nat_traversal are told about phones behind NAT (FUNCTIONS.md §12 to §14).
struct NATSettings: Sendable, Equatable {
    /// Packets to registered contacts, each within so many seconds.
    struct Round: Sendable, Equatable {
        var seconds: Int
        var isForNATOnly: Bool
    }
    var rounds: [Round] = []
    /// Contacts with one of these flags get a request instead of four zeros.
    var requestFlags: UInt32 = 0
    var requestMethod = "OPTIONS"
    /// From of such requests; empty for one with our address.
    var requestFrom = ""
    /// The flags of contacts behind NAT.
    var natFlags: UInt32 = 0
    /// From where pings go; `nil`: the first socket of the family.
    var socket: SocketAddress?
    /// nat_traversal: seconds, and what is sent.
    var keepAliveSeconds = 60
    var keepAliveMethod = "NOTIFY"
    var keepAliveFrom = ""
    var keepAliveHeaders = ""
    /// `keepalive_state_file`, where the script names one: who is kept open is written there at the end, and read at the start.
    var keepAliveFile = ""
    /// `client_nat_test`: nat_traversal compares ports too, mediaproxy addresses only.
    var comparesPort = false

    init() {}

    init(_ script: CheckedScript) {
        let values = ModuleValues(script: script)
        func bit(_ module: String, _ name: String) -> UInt32 {
            let flag = script.setting(module, name)?.integer ?? -1
            return (0...31).contains(flag) ? 1 << UInt32(flag) : 0
        }
        self.natFlags = bit("usrloc", "nat_bflag")
        if script.modules.contains("nathelper") {
            let seconds = values.number("nathelper", "natping_interval")
            if seconds > 0 {
                self.rounds.append(
                    Round(seconds: seconds, isForNATOnly: values.isSet("nathelper", "ping_nated_only")))
            }
            self.requestFlags = bit("nathelper", "sipping_flag") | bit("nathelper", "sipping_bflag")
            self.requestMethod = Self.word(values.text("nathelper", "sipping_method"), else: "OPTIONS")
            self.requestFrom = Self.line(values.text("nathelper", "sipping_from"))
            let socket = values.text("nathelper", "force_socket")
            self.socket = SocketAddress(socket.hasPrefix("udp:") ? socket.dropFirst(4) : socket[...], defaultPort: 5060)
        }
        if script.modules.contains("mediaproxy") {
            let seconds = values.number("mediaproxy", "natping_interval")
            // Who is pinged as often anyway needs no second packet.
            if seconds > 0, !self.rounds.contains(where: { $0.seconds <= seconds }) {
                self.rounds.append(Round(seconds: seconds, isForNATOnly: true))
            }
        }
        if script.modules.contains("nat_traversal") {
            self.keepAliveSeconds = Swift.max(1, values.number("nat_traversal", "keepalive_interval"))
            self.keepAliveMethod = Self.word(values.text("nat_traversal", "keepalive_method"), else: "NOTIFY")
            self.keepAliveFrom = Self.line(values.text("nat_traversal", "keepalive_from"))
            self.keepAliveHeaders = Self.lines(values.text("nat_traversal", "keepalive_extra_headers"))
            self.keepAliveFile = script.setting("nat_traversal", "keepalive_state_file")?.text ?? ""
            self.comparesPort = !script.modules.contains("mediaproxy")
        }
    }

    private static func word(_ text: String, else standard: String) -> String {
        !text.isEmpty && text.utf8.allSatisfy(ASCII.isToken) ? text : standard
    }

    private static func line(_ text: String) -> String {
        text.utf8.allSatisfy { $0 >= ASCII.space } ? text : ""
    }

    /// Whole header lines; the empty line that would end the head is none.
    private static func lines(_ text: String) -> String {
        text.replacing("\\r\\n", with: "\r\n").split(whereSeparator: \.isNewline).filter { $0.contains(":") }
            .map { "\($0)\r\n" }.joined()
    }
}
