import SIPKit
import Testing

@testable import sipsak

@Suite("Challenges are answered")
struct AuthenticationTests {
    static let challenge = #"Digest realm="r", nonce="n1", qop="auth""#

    @Test("once per realm: 407 from the proxy, then 401 from the server, both answers in the third request")
    func both() throws {
        let run = try Run(["-U", "-a", "secret", "-s", "sip:bob@192.0.2.7"]) { request, count in
            switch count {
            case 1:
                [
                    Reply.event(
                        request, "407 Who", after: .milliseconds(1), #"Proxy-Authenticate: Digest realm="p", nonce="n""#
                    )
                ]
            case 2: [Reply.event(request, "401 Who", after: .milliseconds(1), "WWW-Authenticate: \(Self.challenge)")]
            default: [Reply.event(request, "200 OK")]
            }
        }
        #expect(run.status == .ok)
        let third = try SIPMessage(parsing: run.wire.sent[2].bytes)
        #expect(third.first(.authorization) != nil)
        #expect(third.first(.proxyAuthorization) != nil)
        #expect(try third.cSeq().number == 3)
        let value = try #require(third.first(.authorization))
        var cursor = ByteCursor(third.span, value)
        let credentials = try Credentials(parsing: &cursor)
        #expect(credentials.username == Array("bob".utf8), "no trailing @")
        #expect(credentials.quality == .auth)
    }

    @Test("a wrong password ends with code 2, both messages on standard error")
    func wrong() throws {
        let run = try Run(["-U", "-vv", "-i", "-a", "wrong", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "401 Who", after: .milliseconds(1), "WWW-Authenticate: \(Self.challenge)")]
        }
        #expect(run.status == .unauthorized)
        #expect(run.out == "registering user bob... authorizing\n'CSeq' not found in reply\nregistering user bob... ")
        #expect(run.err.hasPrefix("request:\nREGISTER sip:192.0.2.7 SIP/2.0\r\nAuthorization: Digest username=\"bob\""))
        #expect(run.err.contains("\nresponse:\nSIP/2.0 401 Who\r\n"))
        #expect(
            run.err.hasSuffix(
                "error: authorization failed\n       request already contains (Proxy-) Authorization, but received 40[1|7], see above\n"
            ))
    }

    @Test("stale is followed once, the strongest of several challenges is answered")
    func stale() throws {
        let run = try Run(["-u", "bob", "-a", "secret", "-s", "sip:192.0.2.7"]) { request, count in
            switch count {
            case 1:
                [
                    Reply.event(
                        request, "401 Who", after: .milliseconds(1),
                        #"WWW-Authenticate: Digest realm="r", nonce="a", algorithm=MD5"#,
                        #"WWW-Authenticate: Digest realm="r", nonce="b", algorithm=SHA-256, qop="auth""#)
                ]
            case 2:
                [
                    Reply.event(
                        request, "401 Who", after: .milliseconds(1),
                        #"WWW-Authenticate: Digest realm="r", nonce="c", algorithm=SHA-256, qop="auth", stale=true"#)
                ]
            default: [Reply.event(request, "200 OK")]
            }
        }
        #expect(run.status == .ok)
        #expect(String(decoding: run.wire.sent[1].bytes, as: UTF8.self).contains("nonce=\"b\""))
        #expect(String(decoding: run.wire.sent[2].bytes, as: UTF8.self).contains("nonce=\"c\""))
    }

    @Test("without a user name a challenge ends with code 2")
    func nobody() throws {
        let run = try Run(["-s", "sip:192.0.2.7"]) { request, _ in
            [Reply.event(request, "401 Who", after: .milliseconds(1), "WWW-Authenticate: \(Self.challenge)")]
        }
        #expect(run.status == .unauthorized)
        #expect(run.wire.sent.count == 1)
    }

    @Test("a hash that nobody knows ends with code 2")
    func unknownHash() throws {
        let run = try Run(["-s", "sip:bob@192.0.2.7"]) { request, _ in
            [
                Reply.event(
                    request, "401 Who", after: .milliseconds(1),
                    #"WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA9"#)
            ]
        }
        #expect(run.status == .unauthorized)
        #expect(run.err == "error: unsupported authentication algorithm or qop in the challenge\n")
    }
}
