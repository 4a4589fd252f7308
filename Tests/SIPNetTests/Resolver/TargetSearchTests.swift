import SIPKit
import SIPNet
import Testing

@Suite("Where a URI leads (RFC 3263 §4)")
struct TargetSearchTests {
    /// A small zone, as a name server would tell it.
    private static let zone: [DNSQuestion: DNSAnswer] = [
        DNSQuestion("example.org", .naptr): DNSAnswer(
            .records([
                .naptr(order: 20, preference: 10, flags: "s", service: "SIP+D2U", replacement: "_sip._udp.example.org"),
                .naptr(order: 10, preference: 20, flags: "s", service: "SIP+D2T", replacement: "_sip._tcp.example.org"),
                .naptr(
                    order: 10, preference: 10, flags: "s", service: "SIPS+D2T", replacement: "_sips._tcp.example.org"),
                .naptr(order: 1, preference: 1, flags: "u", service: "E2U+SIP", replacement: nil),
            ]), lifetime: 60),
        DNSQuestion("_sip._udp.example.org", .srv): DNSAnswer(
            .records([
                .srv(priority: 20, weight: 0, port: 5062, target: "backup.example.org"),
                .srv(priority: 10, weight: 0, port: 5060, target: "one.example.org"),
            ]), lifetime: 60),
        DNSQuestion("_sip._tcp.example.org", .srv): DNSAnswer(
            .records([.srv(priority: 10, weight: 0, port: 5070, target: "one.example.org")]), lifetime: 60),
        DNSQuestion("_sips._tcp.example.org", .srv): DNSAnswer(
            .records([.srv(priority: 10, weight: 0, port: 5071, target: "one.example.org")]), lifetime: 60),
        DNSQuestion("one.example.org", .a): addresses("192.0.2.1"),
        DNSQuestion("one.example.org", .aaaa): addresses("2001:db8::1"),
        DNSQuestion("backup.example.org", .a): addresses("192.0.2.9"),
        DNSQuestion("plain.example.org", .a): addresses("192.0.2.33", "192.0.2.34"),
        DNSQuestion("none.example.org", .naptr): DNSAnswer(.noSuchName, lifetime: 60),
        DNSQuestion("_sip._tcp.closed.example.org", .srv): DNSAnswer(
            .records([.srv(priority: 0, weight: 0, port: 0, target: nil)]), lifetime: 60),
    ]

    private static func addresses(_ texts: String...) -> DNSAnswer {
        DNSAnswer(.records(texts.compactMap { IPAddress($0) }.map { .address($0) }), lifetime: 60)
    }

    /// Plays the questions and answers to their end.
    private func found(_ request: ResolverRequest, asked: inout [[DNSQuestion]]) -> Resolution {
        var random = SplitMix64(seed: 1)
        var known: [DNSQuestion: DNSAnswer] = [:]
        var search = TargetSearch(request)
        while true {
            switch search.run(using: &random, answers: { known[$0] }) {
            case .found(let resolution): return resolution
            case .ask(let questions):
                asked.append(questions)
                for question in questions {
                    known[question] = Self.zone[question] ?? DNSAnswer(.records([]), lifetime: 60)
                }
            }
        }
    }

    private func targets(_ uri: String, supported: [TransportProtocol] = [.udp, .tcp, .tls]) throws -> [String] {
        var asked: [[DNSQuestion]] = []
        let request = ResolverRequest(try SIPURI(parsing: uri), supported: supported)
        return self.found(request, asked: &asked).targets.map { "\($0.transport.parameterName) \($0.address)" }
    }

    @Test(
        "goes by the rules of transport, port and number",
        arguments: [
            // An address is itself; nothing is asked.
            ("sip:192.0.2.7", ["udp 192.0.2.7:5060"]),
            ("sip:192.0.2.7:5070;transport=tcp", ["tcp 192.0.2.7:5070"]),
            ("sips:192.0.2.7", ["tls 192.0.2.7:5061"]),
            ("sip:[2001:db8::7];transport=tls", ["tls [2001:db8::7]:5061"]),
            ("sips:192.0.2.7;transport=tcp", ["tls 192.0.2.7:5061"]),
            // A port: no SRV.
            ("sip:plain.example.org:5099", ["udp 192.0.2.33:5099", "udp 192.0.2.34:5099"]),
            // A transport: no NAPTR.
            ("sip:example.org;transport=tcp", ["tcp 192.0.2.1:5070", "tcp [2001:db8::1]:5070"]),
            // A transport without SRV: the addresses of the name itself.
            ("sip:plain.example.org;transport=tcp", ["tcp 192.0.2.33:5060", "tcp 192.0.2.34:5060"]),
            // Neither NAPTR nor SRV.
            ("sip:plain.example.org", ["udp 192.0.2.33:5060", "udp 192.0.2.34:5060"]),
            // With sips only what is secure.
            ("sips:example.org", ["tls 192.0.2.1:5071", "tls [2001:db8::1]:5071"]),
            // NAPTR by order and preference, then SRV by priority.
            (
                "sip:example.org",
                [
                    "tls 192.0.2.1:5071", "tls [2001:db8::1]:5071", "tcp 192.0.2.1:5070", "tcp [2001:db8::1]:5070",
                    "udp 192.0.2.1:5060", "udp [2001:db8::1]:5060", "udp 192.0.2.9:5062",
                ]
            ),
        ])
    func rules(uri: String, wanted: [String]) throws {
        #expect(try self.targets(uri) == wanted)
    }

    @Test("leaves out transports that we do not have")
    func unsupported() throws {
        #expect(
            try self.targets("sip:example.org", supported: [.udp])
                == ["udp 192.0.2.1:5060", "udp [2001:db8::1]:5060", "udp 192.0.2.9:5062"])
    }

    @Test(
        "says why there is nothing",
        arguments: [
            ("sips:192.0.2.7;transport=udp", "sips: cannot go over udp"),
            ("sip:192.0.2.7;transport=sctp", "transport sctp is not available here"),
            ("sip:none.example.org", "nothing leads to an address"),
            ("sip:closed.example.org;transport=tcp", "_sip._tcp.closed.example.org says that there is no such service"),
            ("sip:0.0.0.0", "0.0.0.0 port 5060 is nobody's address"),
            ("sip:224.0.1.75", "224.0.1.75 port 5060 is nobody's address"),
        ])
    func failures(uri: String, reason: String) throws {
        var asked: [[DNSQuestion]] = []
        let resolution = self.found(ResolverRequest(try SIPURI(parsing: uri)), asked: &asked)
        #expect(resolution.targets.isEmpty)
        #expect(resolution.failure == reason)
    }

    @Test("asks what can be asked at once, and needs three rounds")
    func rounds() throws {
        var asked: [[DNSQuestion]] = []
        _ = self.found(ResolverRequest(try SIPURI(parsing: "sip:example.org")), asked: &asked)
        #expect(asked.count == 3)
        #expect(asked[0] == [DNSQuestion("example.org", .naptr)])
        #expect(asked[1].count == 3)
        #expect(Set(asked[2]).count == 4, "each name once, though three services lead to it")
    }

    @Test("explains each step")
    func trail() throws {
        var asked: [[DNSQuestion]] = []
        let resolution = self.found(
            ResolverRequest(try SIPURI(parsing: "sip:example.org;transport=udp")), asked: &asked)
        #expect(
            resolution.steps.map(\.description) == [
                "transport udp is given: no NAPTR",
                "SRV _sip._udp.example.org: 20 0 5062 backup.example.org, 10 0 5060 one.example.org (for 60 s)",
                "A one.example.org: 192.0.2.1 (for 60 s)", "AAAA one.example.org: 2001:db8::1 (for 60 s)",
                "A backup.example.org: 192.0.2.9 (for 60 s)", "AAAA backup.example.org: no records",
            ])
    }

    @Test("certificates are asked for the URI's own host")
    func serverName() throws {
        var asked: [[DNSQuestion]] = []
        let resolution = self.found(ResolverRequest(try SIPURI(parsing: "sips:example.org")), asked: &asked)
        #expect(Set(resolution.targets.map(\.serverName)) == ["example.org"])
    }

    @Test("weights are chances: 3 to 1 in a thousand draws")
    func weights() {
        var random = SplitMix64(seed: 7)
        var first = 0
        for _ in 0..<1_000 {
            let order = ServiceOrder.sorted(
                [(w: UInt16(25), name: "b"), (w: 75, name: "a"), (w: 0, name: "c")], priority: { _ in 1 },
                weight: { $0.w }, using: &random)
            #expect(order.count == 3)
            if order[0].name == "a" { first += 1 }
        }
        #expect((680...810).contains(first))
    }
}
