import SIPKit
import SIPNet
import Testing

@testable import miniproxy

/// What somebody who does not know the password can try, each case against the proxy that answers REGISTER and INVITE.
@Suite("Digest under attack (RFC 3261 §22, RFC 7616 §5)")
struct DigestAbuseTests {
    typealias H = ShardHarness

    /// Credentials as a client computes them, and what an attacker makes of them.
    struct Credentials {
        var scheme = "Digest"
        var username = "alice"
        var password = "secret"
        var realm = "127.0.0.1"
        var nonce = ""
        var uri = "sip:127.0.0.1:5060"
        var method = "REGISTER"
        var qop: String? = "auth"
        var count = "00000001"
        var cnonce: String? = "abc"
        var algorithm: String?
        /// Where it is not what the other parts give.
        var response: String?
        var extra = ""
        var quotesQOP = false

        private func hex(_ text: String) -> String {
            String(decoding: DigestAlgorithm.md5.hex(Array(text.utf8)), as: UTF8.self)
        }

        var line: String {
            let middle = self.qop.map { "\(self.count):\(self.cnonce ?? ""):\($0):" } ?? ""
            let computed = self.hex(
                "\(self.hex("\(self.username):\(self.realm):\(self.password)")):\(self.nonce):\(middle)\(self.hex("\(self.method):\(self.uri)"))"
            )
            var text =
                "\(self.scheme) username=\"\(self.username)\", realm=\"\(self.realm)\", nonce=\"\(self.nonce)\", uri=\"\(self.uri)\", "
            text += "response=\"\(self.response ?? computed)\""
            if let algorithm { text += ", algorithm=\(algorithm)" }
            if let qop {
                text += self.quotesQOP ? ", qop=\"\(qop)\", nc=\(self.count)" : ", qop=\(qop), nc=\(self.count)"
            }
            if let cnonce { text += ", cnonce=\"\(cnonce)\"" }
            return text + self.extra
        }
    }

    enum Outcome: Equatable {
        case accepted
        /// Asked again, as if nothing had been shown.
        case refused
        /// Asked again: the password was right, the nonce is not any more.
        case stale
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let outcome: Outcome
        /// Header lines from good credentials and a second nonce.
        let lines: @Sendable (_ good: Credentials) -> [String]
        var source = H.alice
        /// Milliseconds between challenge and answer.
        var wait: Int64 = 0
        /// Whether the good credentials were used before, by another request.
        var isUsedBefore = false

        init(
            _ name: String, _ outcome: Outcome, source: SocketAddress = H.alice, wait: Int64 = 0,
            isUsedBefore: Bool = false,
            _ change: @escaping @Sendable (inout Credentials) -> Void
        ) {
            self.init(name, outcome, source: source, wait: wait, isUsedBefore: isUsedBefore) { good in
                var changed = good
                change(&changed)
                return ["Authorization: \(changed.line)"]
            }
        }

        init(
            _ name: String, _ outcome: Outcome, source: SocketAddress = H.alice, wait: Int64 = 0,
            isUsedBefore: Bool = false,
            lines: @escaping @Sendable (Credentials) -> [String]
        ) {
            (self.name, self.outcome, self.lines) = (name, outcome, lines)
            (self.source, self.wait, self.isUsedBefore) = (source, wait, isUsedBefore)
        }

        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case("right credentials", .accepted) { _ in },
        Case("right credentials, quoted qop as some phones write it", .accepted) { $0.quotesQOP = true },
        Case("right credentials without qop, once", .accepted) { ($0.qop, $0.cnonce) = (nil, nil) },
        Case("right credentials that name MD5", .accepted) { $0.algorithm = "MD5" },
        Case("wrong password", .refused) { $0.password = "guess" },
        Case("empty password", .refused) { $0.password = "" },
        Case("unknown user", .refused) { $0.username = "mallory" },
        Case("empty user", .refused) { $0.username = "" },
        Case("user in another case", .refused) { $0.username = "Alice" },
        Case("wrong realm, computed with it", .refused) { $0.realm = "example.org" },
        Case("empty realm", .refused) { $0.realm = "" },
        Case("realm in another case", .refused) { $0.realm = "LOCALHOST" },
        Case("an empty nonce, computed with it", .stale) { $0.nonce = "" },
        Case("a nonce that the client made", .stale) { $0.nonce = String(repeating: "0", count: 56) },
        Case("a nonce with one digit changed", .stale) {
            $0.nonce = String($0.nonce.dropLast()) + ($0.nonce.last == "0" ? "1" : "0")
        },
        Case("a nonce that is too old", .stale, wait: 301_000) { _ in },
        Case("a nonce of another address", .stale, source: SocketAddress("127.0.0.9:6001")!) { _ in },
        Case("a count that was used", .stale, isUsedBefore: true) { _ in },
        Case("a used nonce without a count", .stale, isUsedBefore: true) { ($0.qop, $0.cnonce) = (nil, nil) },
        Case("the next count of a used nonce", .accepted, isUsedBefore: true) { $0.count = "00000002" },
        Case("a count of zero", .stale) { $0.count = "00000000" },
        Case("a count that is no number", .refused) { $0.count = "0000000z" },
        Case("a count of nine digits", .refused) { $0.count = "000000001" },
        Case("an empty count", .refused) { $0.count = "" },
        Case("credentials of another method", .refused) { $0.method = "INVITE" },
        Case("credentials for another URI", .refused) { $0.uri = "sip:127.0.0.1:5061" },
        Case("credentials for a user at this server", .refused) { $0.uri = "sip:bob@127.0.0.1:5060" },
        Case("credentials for no URI", .refused) { $0.uri = "" },
        Case("the same URI with a parameter more", .accepted) { $0.uri = "sip:127.0.0.1:5060;transport=udp" },
        Case("an algorithm that was not offered", .refused) { $0.algorithm = "SHA-256" },
        Case("a session algorithm that was not offered", .refused) { $0.algorithm = "MD5-sess" },
        Case("an algorithm that nobody knows", .refused) { $0.algorithm = "NONE" },
        Case("auth-int, which was not offered", .refused) { $0.qop = "auth-int" },
        Case("a quality that nobody knows", .refused) { $0.qop = "none" },
        Case("an empty response", .refused) { $0.response = "" },
        Case("a response of 31 digits", .refused) { $0.response = String(repeating: "a", count: 31) },
        Case("a response of 33 digits, the first 32 right", .refused) { good in
            let line = good.line
            let start = line.firstRange(of: "response=\"")!.upperBound
            good.response = String(line[start...].prefix(32)) + "0"
        },
        Case("a response in capitals", .refused) { $0.response = String(repeating: "A", count: 32) },
        Case("another scheme", .refused) { $0.scheme = "Basic" },
        Case(
            "two credentials for one realm, the good ones first", .refused,
            lines: { good in
                var other = good
                other.username = "mallory"
                return ["Authorization: \(good.line)", "Authorization: \(other.line)"]
            }),
        Case(
            "two credentials for one realm, the good ones last", .refused,
            lines: { good in
                var other = good
                other.username = "mallory"
                return ["Authorization: \(other.line)", "Authorization: \(good.line)"]
            }),
        Case(
            "credentials for another realm before the good ones", .accepted,
            lines: { good in
                var other = good
                other.realm = "example.org"
                return ["Authorization: \(other.line)", "Authorization: \(good.line)"]
            }),
        Case("good credentials under the proxy's name", .refused, lines: { ["Proxy-Authorization: \($0.line)"] }),
        Case("two user names in one line, the wrong one last", .refused) { $0.extra = ", username=\"bob\"" },
        Case("a user name of 4,000 bytes", .refused) { $0.username = String(repeating: "a", count: 4_000) },
        Case("a client nonce of 4,000 bytes", .refused) { $0.cnonce = String(repeating: "a", count: 4_000) },
        Case("nothing behind the scheme", .refused, lines: { _ in ["Authorization: Digest"] }),
        Case("an open quote", .refused, lines: { _ in ["Authorization: Digest username=\"alice"] }),
        Case("a user name with a zero byte", .refused) { $0.username = "alice\0" },
        Case("a user name with SQL in it", .refused) { $0.username = "alice' OR '1'='1" },
    ]

    private func register(_ headers: [String], _ cSeq: Int) -> String {
        H.request(
            "REGISTER", "sip:127.0.0.1:5060", from: "alice", to: "alice", at: H.alice, branch: "z9hG4bKr\(cSeq)",
            cSeq: cSeq,
            headers: (headers + ["Contact: <sip:alice@127.0.0.1:6001>"]).joined(separator: "\r\n") + "\r\n")
    }

    private func nonce(_ sent: [H.Sent]) throws -> String {
        let line = try #require(sent.first?.header(.wwwAuthenticate))
        let start = try #require(line.firstRange(of: "nonce=\""))
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }

    private func outcome(_ sent: [H.Sent]) -> Outcome? {
        guard let first = sent.first, sent.count == 1 else { return nil }
        if first.startLine == "SIP/2.0 200 OK" { return .accepted }
        guard first.startLine == "SIP/2.0 401 Unauthorized" else { return nil }
        return first.header(.wwwAuthenticate).contains("stale=true") ? .stale : .refused
    }

    @Test("each attempt gets what it deserves", arguments: Self.cases)
    func attempt(_ attempt: Case) throws {
        var proxy = try H(users: ["alice:secret", "bob:pw"])
        var good = Credentials()
        good.nonce = try self.nonce(
            proxy.receive(self.register([], 1), from: attempt.source == H.alice ? H.alice : H.alice))
        if attempt.isUsedBefore {
            #expect(
                self.outcome(proxy.receive(self.register(["Authorization: \(good.line)"], 2), from: H.alice))
                    == .accepted)
        }
        _ = proxy.wait(milliseconds: attempt.wait)
        let sent = proxy.receive(self.register(attempt.lines(good), 3), from: attempt.source)
        #expect(self.outcome(sent) == attempt.outcome, "\(sent.map(\.text))")
    }

    @Test("a wrong password and an unknown user get the same bytes, but for the nonce")
    func noDifference() throws {
        func answer(_ change: (inout Credentials) -> Void) throws -> String {
            var proxy = try H(users: ["alice:secret"])
            var credentials = Credentials()
            credentials.nonce = try self.nonce(proxy.receive(self.register([], 1), from: H.alice))
            change(&credentials)
            let sent = proxy.receive(self.register(["Authorization: \(credentials.line)"], 2), from: H.alice)
            return try sent[0].text.replacing(self.nonce(sent), with: "NONCE")
        }
        #expect(try answer { $0.password = "x" } == answer { $0.username = "nobody" })
    }

    @Test("the very same request again, whose answer was lost, is as good as before, for 32 seconds")
    func repeated() throws {
        var proxy = try H(users: ["alice:secret"])
        var good = Credentials()
        good.nonce = try self.nonce(proxy.receive(self.register([], 1), from: H.alice))
        let request = self.register(["Authorization: \(good.line)"], 2)
        #expect(self.outcome(proxy.receive(request, from: H.alice)) == .accepted)
        #expect(self.outcome(proxy.receive(request, from: H.alice)) == .accepted)
        let changed = request.replacing("sip:alice@127.0.0.1:6001", with: "sip:alice@192.0.2.66:6001")
        #expect(self.outcome(proxy.receive(changed, from: H.alice)) == .stale, "one byte makes it another request")
        _ = proxy.wait(milliseconds: 33_000)
        #expect(self.outcome(proxy.receive(request, from: H.alice)) == .stale)
    }

    @Test(
        "after ten wrong passwords in a minute the right one is not looked at either, for this user from this address")
    func guessing() throws {
        var proxy = try H(users: ["alice:secret", "bob:pw"])
        func tries(
            _ proxy: inout H, _ password: String, _ cSeq: Int, user: String = "alice",
            from source: SocketAddress = H.alice
        ) throws -> Outcome? {
            var credentials = Credentials()
            credentials.nonce = try self.nonce(proxy.receive(self.register([], cSeq), from: source))
            (credentials.password, credentials.username) = (password, user)
            return self.outcome(
                proxy.receive(self.register(["Authorization: \(credentials.line)"], cSeq + 1), from: source))
        }
        for guess in 0..<10 { #expect(try tries(&proxy, "guess\(guess)", 10 + 2 * guess) == .refused) }
        #expect(try tries(&proxy, "secret", 100) == .refused)
        #expect(
            try tries(&proxy, "secret", 110, from: SocketAddress("127.0.0.9:6001")!) == .accepted, "another address")
        _ = proxy.wait(milliseconds: 60_000)
        #expect(try tries(&proxy, "secret", 120) == .accepted, "a minute later")
    }
}
