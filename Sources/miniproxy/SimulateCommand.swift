import ArgumentParser
import Glibc
import SIPKit

/// `miniproxy simulate -f ser.cfg message.sip`: messages through a script, without a network.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Send messages through a script without a network.",
        discussion: """
            Prints for each message which lines of the script it went through, what each of them said and changed, what \
            the script wanted, and the messages that would be sent. Nothing is sent and nothing is asked: names that \
            would be looked up and databases do not answer. Messages of one run go to one proxy, one after the other, so \
            a REGISTER before an INVITE registers.

            -f SCRIPT, -A NAME, --listen ADDRESS, --domain NAME and --user NAME:PASSWORD mean here what they mean for \
            the proxy itself (miniproxy --help).
            """)

    /// The proxy's own options are read before the subcommand is known, so they are in here.
    @ParentCommand var proxy: MiniproxyCommand

    @Option(
        help: ArgumentHelp(
            "Where the messages come from; what their Via says if left out.", valueName: "[udp:]address[:port]"))
    var from: String?
    @Flag(help: "One JSON object a line: the trace, and the messages that would be sent.") var json = false

    @Argument(help: "Files with one SIP message each, or - for standard input.") var messages: [String]

    func run() throws {
        let own =
            try self.proxy.listen.first.flatMap { try MiniproxyCommand.listenAddresses($0).first?.address }
            ?? SocketAddress(.loopbackV4, 5060)
        var source: SocketAddress?
        if let from = self.from {
            source = SocketAddress(from.hasPrefix("udp:") ? from.dropFirst(4) : from[...], defaultPort: 5060)
            guard source != nil else {
                throw ValidationError("--from \(from): expected an address, and maybe a port, as 192.0.2.7:5060")
            }
        }
        var users = UserList()
        for user in self.proxy.user {
            do {
                try users.add(user)
            } catch {
                throw ValidationError("--user: expected name:password")
            }
        }
        let program = try self.proxy.program(hasUsers: !users.isEmpty)
        var simulation = Simulation(program, own: own, domains: self.proxy.domain, users: users)
        for path in self.messages {
            do {
                let passage = try simulation.pass(SimulatedMessage(try ScriptFile.read(path).bytes), from: source)
                print(self.json ? passage.json : passage.text, terminator: self.json ? "\n" : "")
            } catch {
                print("miniproxy: \(path): \(error)", to: &StandardError.stream)
                throw ExitCode(2)
            }
        }
    }
}
