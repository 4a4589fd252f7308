import SIPKit
import Testing

@testable import sipsak

@Suite("Damaged requests")
struct MutatorTests {
    private let good: [UInt8] = {
        var factory = RequestFactory(host: "192.0.2.1", port: 5060, ids: Identifiers(seed: 7))
        return factory.options(TargetURI(user: "bob", host: "192.0.2.7"), maxForwards: nil).bytes()
    }()

    @Test("are the same for the same seed, and differ from one to the next", arguments: Mutator.Kind.allCases)
    func repeatable(_ kind: Mutator.Kind) {
        var first = Identifiers(seed: 3)
        var second = Identifiers(seed: 3)
        var seen: Set<[UInt8]> = []
        for _ in 0..<400 {
            let damage = Mutator.damage(self.good, kind, &first)
            #expect(damage == Mutator.damage(self.good, kind, &second))
            seen.insert(damage.bytes)
        }
        #expect(seen.count > 20)
    }

    @Test("of damaged requests never trap: every kind on what every kind made, and on almost nothing")
    func twice() {
        var ids = Identifiers(seed: 11)
        for message in [[], [0x41], Array("A\r\n".utf8), Array("\r\n\r\n".utf8)] as [[UInt8]] {
            for kind in Mutator.Kind.allCases where !message.isEmpty {
                for _ in 0..<50 { _ = Mutator.damage(message, kind, &ids) }
            }
        }
        for kind in Mutator.Kind.allCases {
            for other in Mutator.Kind.allCases {
                for _ in 0..<60 {
                    let once = Mutator.damage(self.good, kind, &ids).bytes
                    if !once.isEmpty { _ = Mutator.damage(once, other, &ids) }
                }
            }
        }
    }

    @Test("of the torture kind have what their names promise")
    func torture() throws {
        var ids = Identifiers(seed: 1)
        func text(_ mutation: TortureMutation) -> String {
            String(decoding: mutation.apply(to: self.good, &ids).bytes, as: UTF8.self)
        }
        #expect(text(.badvers).hasPrefix("OPTIONS sip:bob@192.0.2.7 SIP/7.0\r\n"))
        #expect(text(.ltgtruri).hasPrefix("OPTIONS <sip:bob@192.0.2.7> SIP/2.0\r\n"))
        #expect(text(.ncl).contains("Content-Length: -999\r\n"))
        #expect(!text(.insuf).contains("Call-ID:"))
        #expect(text(.scalar02).contains("CSeq: 36893488147419103232 OPTIONS\r\n"))
    }

    @Test("--watch finds the request that silenced the server; the same seed finds it again")
    func watch() throws {
        let words = [
            "-R", "-t", "300", "--seed", "4", "--mutator", "structure", "--watch", "100", "-s", "sip:192.0.2.7",
        ]
        func run() throws -> Run {
            var isDead = false
            return try Run(words) { request, _ in
                if request.values(.via).count > 100 { isDead = true }
                return isDead ? [] : [Reply.event(request, "200 OK")]
            }
        }
        let first = try run()
        #expect(first.status == .remote)
        #expect(first.err.contains("the server is silent since round"))
        #expect(first.err.contains("(manyVias)"))
        #expect(try run().err == first.err)
    }
}
