import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

@Suite("Detecting")
struct DetectorTests {
    private static let attacker = SocketAddress(IPAddress(v4: 0xCB00_7105), 5060)
    private static let server = SocketAddress(IPAddress(v4: 0xC000_0201), 5060)

    private func message(_ start: String, _ headers: String...) -> [UInt8] {
        Array((["\(start)", "Via: SIP/2.0/UDP h;branch=z9hG4bK1"] + headers).joined(separator: "\r\n").utf8)
            + Array("\r\nContent-Length: 0\r\n\r\n".utf8)
    }

    private func take(_ detector: inout Detector, _ bytes: [UInt8], back: Bool = false, at milliseconds: Int64 = 0) {
        let origin = MessageOrigin(
            time: milliseconds * 1_000_000, source: back ? Self.server : Self.attacker,
            destination: back ? Self.attacker : Self.server, transport: .udp, frame: 1)
        detector.take(origin, bytes.span)
    }

    private func all() -> Detector { Detector(Set(Alert.Kind.allCases)) }

    @Test("a scanner by its name")
    func scanner() {
        var detector = self.all()
        self.take(
            &detector,
            self.message("OPTIONS sip:100@h SIP/2.0", "Call-ID: 1", "CSeq: 1 OPTIONS", "User-Agent: Friendly-Scanner"))
        self.take(
            &detector,
            self.message("OPTIONS sip:100@h SIP/2.0", "Call-ID: 2", "CSeq: 1 OPTIONS", "User-Agent: friendly-scanner"))
        #expect(detector.alerts.map(\.kind) == [.scan], "one alert a source")
    }

    @Test("passwords that are tried, but not a phone that is asked once for its password")
    func bruteForce() {
        var detector = self.all()
        for number in 0..<12 {
            let headers = ["Call-ID: \(number)", "CSeq: 2 REGISTER", "To: <sip:100@h>"]
            self.take(
                &detector,
                self.message("REGISTER sip:h SIP/2.0", headers[0], headers[1], headers[2], "Authorization: Digest x=y"),
                at: Int64(number) * 100)
            if number == 8 { #expect(detector.alerts.isEmpty) }
            self.take(
                &detector, self.message("SIP/2.0 401 Unauthorized", headers[0], headers[1], headers[2]), back: true,
                at: Int64(number) * 100 + 10)
        }
        #expect(detector.alerts.map(\.kind) == [.bruteforce])
        var healthy = self.all()
        for number in 0..<50 {
            let headers = ["Call-ID: \(number)", "CSeq: 1 REGISTER", "To: <sip:100@h>"]
            self.take(
                &healthy, self.message("REGISTER sip:h SIP/2.0", headers[0], headers[1], headers[2]),
                at: Int64(number) * 100)
            self.take(
                &healthy, self.message("SIP/2.0 401 Unauthorized", headers[0], headers[1], headers[2]), back: true,
                at: Int64(number) * 100 + 10)
        }
        #expect(healthy.alerts.isEmpty, "a challenge is no refusal")
    }

    @Test("users that are guessed")
    func enumeration() {
        var detector = self.all()
        for number in 100..<125 {
            self.take(
                &detector,
                self.message(
                    "SIP/2.0 404 Not Found", "Call-ID: \(number)", "CSeq: 1 REGISTER", "To: <sip:\(number)@h>"),
                back: true, at: Int64(number) * 100)
        }
        #expect(detector.alerts.map(\.kind) == [.enumeration])
        var same = self.all()
        for number in 0..<100 {
            self.take(
                &same, self.message("SIP/2.0 404 Not Found", "Call-ID: \(number)", "CSeq: 1 INVITE", "To: <sip:7@h>"),
                back: true, at: Int64(number) * 100)
        }
        #expect(same.alerts.isEmpty, "one wrong number again and again is a mistake")
    }

    @Test("a number under many prefixes, a password in clear, a callee that is challenged")
    func others() {
        var detector = self.all()
        for prefix in ["00", "900", "011", "9011", "+"] {
            self.take(
                &detector,
                self.message("INVITE sip:\(prefix)441234567890@h SIP/2.0", "Call-ID: \(prefix)", "CSeq: 1 INVITE"))
        }
        #expect(detector.alerts.map(\.kind) == [.fraud])
        detector = self.all()
        self.take(
            &detector,
            self.message("REGISTER sip:h SIP/2.0", "Call-ID: 1", "CSeq: 1 REGISTER", "Authorization: Basic YTpi"))
        #expect(detector.alerts.map(\.kind) == [.digest])
        detector = self.all()
        self.take(&detector, self.message("INVITE sip:1@h SIP/2.0", "Call-ID: x", "CSeq: 1 INVITE"))
        self.take(&detector, self.message("SIP/2.0 407 Auth", "Call-ID: x", "CSeq: 1 BYE"))
        #expect(detector.alerts.map(\.kind) == [.digest])
    }

    @Test("a flood, and not the same number of requests over a minute")
    func flood() {
        var detector = self.all()
        for number in 0..<1100 {
            self.take(
                &detector, self.message("INVITE sip:1@h SIP/2.0", "Call-ID: \(number)", "CSeq: 1 INVITE"),
                at: Int64(number) / 2)
        }
        #expect(detector.alerts.map(\.kind) == [.flood])
        var slow = self.all()
        for number in 0..<1100 {
            self.take(
                &slow, self.message("INVITE sip:1@h SIP/2.0", "Call-ID: \(number)", "CSeq: 1 INVITE"),
                at: Int64(number) * 50)
        }
        #expect(slow.alerts.isEmpty)
    }

    @Test("nothing when nothing was asked for")
    func off() {
        var detector = Detector([])
        self.take(&detector, self.message("OPTIONS sip:h SIP/2.0", "User-Agent: sipvicious"))
        #expect(detector.alerts.isEmpty)
    }
}
