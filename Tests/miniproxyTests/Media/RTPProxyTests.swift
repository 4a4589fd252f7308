import SIPKit
import Synchronization
import Testing

@testable import miniproxy

@Suite("rtpproxy's protocol")
struct RTPProxyTests {
    static func words(_ text: String) -> [ArraySlice<UInt8>] { RTPProxyCommand.words(Array(text.utf8)) }
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(
        "commands are written as they are read",
        arguments: [
            "V", "VF 20050322", "U call 192.0.2.1 4000 a;1", "UA call 192.0.2.1 4000 a;2 b;2",
            "L call 10.0.0.1 6 b;1 a;1",
            "U6 call 2001:db8::1 4000 a;1", "D call a b", "Q call a", "I", "X",
        ])
    func commands(_ text: String) throws {
        let command = try RTPProxyCommand(parsing: Self.words(text))
        #expect(String(decoding: command.text, as: UTF8.self) == text)
    }

    @Test("a tag without a number is of the first stream; 0.0.0.0 is on hold")
    func details() throws {
        guard case .offer(let stream) = try RTPProxyCommand(parsing: Self.words("U call 0.0.0.0 4000 tag")) else {
            Issue.record("no offer")
            return
        }
        #expect(stream.medium == 1 && stream.address == nil && stream.party.tag == Self.bytes("tag"))
    }

    @Test(
        "what is no command is refused",
        arguments: [
            "", "U", "U call nowhere 4000 a", "U call 192.0.2.1 70000 a", "U call 192.0.2.1 4000", "D call", "VF",
            "R call a", "Z",
        ])
    func refused(_ text: String) {
        #expect(throws: ParseError.self) { _ = try RTPProxyCommand(parsing: Self.words(text)) }
    }

    @Test("answers are a port and maybe an address")
    func answers() {
        #expect(RTPProxyReply(parsing: Self.bytes("35000 192.0.2.1\n"))?.ip == IPAddress(v4: 0xC000_0201))
        #expect(RTPProxyReply(parsing: Self.bytes("35000"))?.port == 35000)
        #expect(RTPProxyReply(parsing: Self.bytes("E8")) == nil)
        #expect(RTPProxyReply(parsing: Self.bytes("99999")) == nil)
        #expect(RTPProxyReply(parsing: Self.bytes("")) == nil)
    }

    @Test("our relay carries commands out")
    func served() throws {
        var settings = MediaSettings()
        settings.addresses = [.loopbackV4]
        settings.ports = 47_200...47_299
        let relay = try MediaRelay(settings, log: ProxyLog(threshold: -4))
        func ask(_ text: String) -> String { String(decoding: relay.answer(Self.words(text)), as: UTF8.self) }
        #expect(ask("V") == "20040107")
        #expect(ask("VF 20050322") == "1" && ask("VF 20990101") == "0")
        #expect(ask("L call 127.0.0.1 4002 a;1 b;1") == "0", "nobody has offered")
        let offer = ask("U call 127.0.0.1 4000 a;1").split(separator: " ")
        #expect(offer.count == 2 && offer[1] == "127.0.0.1")
        #expect(ask("U call 127.0.0.1 4000 a;1").split(separator: " ") == offer, "again is the same")
        let video = ask("U call 127.0.0.1 4010 a;2").split(separator: " ")
        #expect(video.count == 2 && video[0] != offer[0])
        let answer = ask("L call 127.0.0.1 4002 a;1 b;1").split(separator: " ")
        #expect(answer.count == 2 && answer[0] != offer[0])
        #expect(relay.reports().first?.streams.count == 2)
        #expect(ask("Q call a b").split(separator: " ").count == 5)
        #expect(ask("D call x y") == "E8" && ask("D call a b") == "0" && ask("D call a b") == "E8")
        #expect(ask("hello") == "E0" && ask("U call") == "E1")
    }

    @Test("a command is repeated, and given up after so many times")
    func repeats() {
        var settings = MediaSettings()
        settings.retries = 2
        settings.patience = .seconds(1)
        var exchange = RTPProxyExchange(settings: settings)
        let outcome = Outcome()
        let start = MonotonicTime(milliseconds: 0)
        let command = RTPProxyCommand.query(.init(callID: [0x63], tag: [0x61]))
        let lines = exchange.begin([command], deliver: { outcome.set($0) }, now: start)
        #expect(lines.count == 1)
        #expect(exchange.due(start.adding(milliseconds: 500)).isEmpty)
        #expect(exchange.due(start.adding(milliseconds: 1_000)) == lines)
        #expect(exchange.due(start.adding(milliseconds: 2_000)) == lines)
        #expect(outcome.count == 0)
        #expect(exchange.due(start.adding(milliseconds: 3_000)).isEmpty)
        #expect(outcome.count == 1 && outcome.last == nil)
        let isSilent = exchange.takeSilence()
        #expect(isSilent)
        #expect(exchange.nextDeadline == nil)
    }

    @Test("an order has its answer when all of its streams have theirs; a refusal of one is a refusal")
    func gathers() throws {
        var exchange = RTPProxyExchange(settings: MediaSettings())
        let outcome = Outcome()
        let address = SocketAddress(.loopbackV4, 4_000)
        let order = RTPProxyOrder(
            isOffer: true, callID: [0x63], senderTag: [0x61], receiverTag: [], streams: [address, nil, address])
        func begin() -> [String] {
            exchange.begin(order.commands, deliver: { outcome.set($0) }, now: .zero).map {
                String(decoding: $0.prefix { $0 != ASCII.space }, as: UTF8.self)
            }
        }
        let engine = RTPProxyAddress.udp(SocketAddress(.loopbackV4, 22_222))
        var cookies = begin()
        #expect(cookies.count == 2, "a stream that is off needs no port")
        exchange.received(Self.bytes("\(cookies[1]) 35002\n"), from: engine)
        exchange.received(Self.bytes("nobody 1\n"), from: engine)
        #expect(outcome.count == 0)
        exchange.received(Self.bytes("\(cookies[0]) 35000 192.0.2.1\n"), from: engine)
        #expect(outcome.count == 1)
        #expect(
            outcome.last == [
                SocketAddress(IPAddress(v4: 0xC000_0201), 35_000), nil, SocketAddress(.anyV4, 35_002),
            ])
        cookies = begin()
        exchange.received(Self.bytes("\(cookies[0]) 35000\n"), from: engine)
        exchange.received(Self.bytes("\(cookies[1]) E7\n"), from: engine)
        #expect(outcome.count == 2 && outcome.last == nil)
    }

    @Test("a script's rtpproxy_sock is an engine; a Unix socket that is not there leaves the work to our relay")
    func engine() throws {
        func external(_ value: String, exists: Bool = false, _ engine: MediaSettings.Engine = .script) throws
            -> RTPProxyAddress?
        {
            let text = """
                loadmodule "nathelper.so"
                modparam("nathelper", "rtpproxy_sock", "\(value)")
                route { force_rtp_proxy(); }
                """
            let loaded = ScriptProgram.load(SourceText(name: "engine", bytes: Array(text.utf8)))
            var settings = MediaSettings()
            settings.engine = engine
            return settings.external(
                try #require(loaded.program).script.checked, exists: { _ in exists }, log: ProxyLog(threshold: -4))
        }
        let udp = RTPProxyAddress.udp(SocketAddress(.loopbackV4, 7_722))
        #expect(try external("udp:127.0.0.1:7722") == udp)
        #expect(try external("1 == udp:127.0.0.1:7722") == udp)
        #expect(try external("udp:127.0.0.1") == .udp(SocketAddress(.loopbackV4, 22_222)))
        #expect(try external("unix:/var/run/rtpproxy.sock") == nil)
        #expect(try external("/var/run/rtpproxy.sock", exists: true) == .unix("/var/run/rtpproxy.sock"))
        #expect(try external("udp:127.0.0.1:7722", .own) == nil)
        #expect(try external("nonsense") == nil)
    }

    /// What was delivered.
    private final class Outcome: Sendable {
        private let places = Mutex<[[SocketAddress?]?]>([])
        func set(_ value: [SocketAddress?]?) { self.places.withLock { $0.append(value) } }
        var count: Int { self.places.withLock { $0.count } }
        var last: [SocketAddress?]? { self.places.withLock { $0.last ?? nil } }
    }
}
