import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("The media of a request that goes to several places")
struct MediaForkTests {
    typealias H = ShardHarness

    private static func proxy(_ script: String) throws -> H {
        var settings = MediaSettings()
        settings.ports = 47_200...47_399
        settings.addresses = [.loopbackV4]
        return try H(script: script, media: try MediaRelay(settings, log: ProxyLog(threshold: -9)))
    }

    private static func offer(_ port: Int = 4_000) -> String {
        let body =
            "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio \(port) RTP/AVP 0\r\n"
        return H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice).replacing(
            "Content-Length: 0\r\n\r\n",
            with: "Content-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// The port that the receiver of a request is to send to; `nil` where its description is not the relay's.
    private func port(_ sent: H.Sent) -> Int? {
        guard let message = sent.message, sent.text.contains("\r\nc=IN IP4 127.0.0.1\r\n"),
            sent.text.ranges(of: "m=audio").count == 1, message.text(.contentLength) == "\(message.body.count)",
            let start = sent.text.ranges(of: "m=audio ").first?.upperBound
        else { return nil }
        return Int(sent.text[start...].prefix { $0 != " " })
    }

    private func invites(_ sent: [H.Sent]) -> [H.Sent] { sent.filter { $0.startLine.hasPrefix("INVITE") } }

    private static let modules = ["tm", "nathelper", "mediaproxy", "rtpproxy", "textops"].map {
        "loadmodule \"\($0).so\"\n"
    }
    .joined()

    @Test("is relayed for every branch where a branch block relays it")
    func branchBlock() throws {
        var proxy = try Self.proxy(
            Self.modules + """
                request_route {
                    t_on_branch("ONE");
                    append_branch("sip:bob@127.0.0.1:6003");
                    t_relay();
                }
                branch_route[ONE] {
                    if (rtpproxy_manage()) append_hf("X-Relayed: yes\\r\\n");
                }
                """)
        let sent = self.invites(proxy.receive(Self.offer(), from: H.alice))
        #expect(Set(sent.map(\.to)) == [H.bob, H.carol])
        let session = try #require(proxy.shard.state.media?.reports().first)
        let wanted = Int(session.streams[0].callee.local.port)
        #expect(sent.map { self.port($0) } == [wanted, wanted])
        #expect(sent.allSatisfy { $0.text.ranges(of: "X-Relayed: yes\r\n").count == 1 })
    }

    @Test("stays relayed for the second place when the first was busy")
    func serial() throws {
        var proxy = try Self.proxy(
            Self.modules + """
                route { use_media_proxy(); t_on_failure("1"); t_relay(); }
                failure_route[1] { append_branch("sip:bob@127.0.0.1:6003"); t_relay(); }
                """)
        let first = try #require(self.invites(proxy.receive(Self.offer(), from: H.alice)).first)
        let second = try #require(
            self.invites(proxy.receive(H.response(486, "Busy Here", to: first), from: H.bob)).first)
        #expect(second.to == H.carol)
        #expect(self.port(first) != nil && self.port(first) == self.port(second))
        #expect(proxy.shard.state.media?.reports().count == 1)
    }

    @Test(
        "is relayed anew for the second place when the first one's refusal has ended it",
        arguments: ["branch", "failure"])
    func again(place: String) throws {
        let manages = "rtpproxy_offer();"
        var proxy = try Self.proxy(
            Self.modules + """
                request_route {
                    \(place == "branch" ? "t_on_branch(\"ONE\");" : manages)
                    t_on_failure("FAIL");
                    t_relay();
                }
                branch_route[ONE] { \(manages) }
                failure_route[FAIL] {
                    rtpproxy_destroy();
                    \(place == "branch" ? "" : manages)
                    $ru = "sip:bob@127.0.0.1:6003";
                    t_relay();
                }
                """)
        let first = try #require(self.invites(proxy.receive(Self.offer(), from: H.alice)).first)
        #expect(self.port(first) != nil)
        let second = try #require(
            self.invites(proxy.receive(H.response(486, "Busy Here", to: first), from: H.bob)).first)
        #expect(second.to == H.carol)
        let sessions = proxy.shard.state.media?.reports() ?? []
        #expect(sessions.count == 1)
        #expect(self.port(second) == sessions.first.map { Int($0.streams[0].callee.local.port) })
        // A port rests after a call.
        #expect(self.port(first) != self.port(second))
    }
}
