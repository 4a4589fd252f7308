import Foundation
import SIPKit
import Testing

@testable import sipsak

@Suite("Replies from hostile peers")
struct HostileReplyTests {
    /// The shared corpus beside the package: SIP messages, one a file.
    static let corpus: [[UInt8]] = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        root = root.appendingPathComponent("../shared/corpus").standardizedFileURL
        var found: [[UInt8]] = []
        for folder in [
            "rfc4475", "rfc5118", "rfc3665", "rfc5359", "rfc5407", "known-crash-shapes", "jsip-torture", "osip",
            "php-sip",
            "sofia-sip", "sipgo-fuzz", "kamailio-misc", "belle-sip-afl/sip", "pjsip-seeds", "protos-c07/testcases",
        ] {
            let place = root.appendingPathComponent(folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
            // Of the thousands of one collection every eleventh: it varies one place at a time.
            let step = names.count > 1000 ? 11 : 1
            let chosen = names.sorted().enumerated().filter { $0.offset % step == 0 }.map(\.element)
            for name in chosen where !name.hasSuffix(".md") && !name.hasSuffix(".tsv") {
                guard let data = try? Data(contentsOf: place.appendingPathComponent(name)), data.count < 65_507 else {
                    continue
                }
                found.append(Array(data))
            }
        }
        return found
    }()

    static let modes: [[String]] = [
        ["-vvv"], ["-T"], ["-T", "--hop-detail"], ["-U", "-I", "-M", "-vv"], ["--json"], ["--ping", "--count", "1"],
        ["--mtr", "-c", "1"], ["--csv", "-T"], ["--subscribe", "--hold", "5", "-vv"], ["--publish"],
        ["-U", "-P", "2", "-e", "3", "-vv"],
    ]

    @Test(
        "of the corpus never trap and never reach a terminal raw",
        .enabled(if: !corpus.isEmpty, "shared corpus absent"), arguments: modes)
    func replay(_ mode: [String]) throws {
        for message in Self.corpus {
            // As it stands, then with what makes it ours in front, so that it is taken for the answer.
            let run = try Run(mode + ["-D", "1", "-a", "x", "-s", "sip:bob@192.0.2.7"], isTerminal: true) {
                request, count in
                guard count < 20 else { return [] }
                return [(.milliseconds(1), .bytes(message)), (.milliseconds(2), .bytes(Self.ours(message, request)))]
            }
            let shown = Array(run.out.utf8)
            #expect(shown.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 })
        }
    }

    /// The hostile lines behind our own Via, Call-ID and CSeq, under a status that has consequences.
    static func ours(_ hostile: [UInt8], _ request: SIPMessage) -> [UInt8] {
        let end = hostile.firstIndex(of: 0x0A).map { $0 + 1 } ?? hostile.count
        let status = ["200 OK", "401 x", "302 x", "483 x", "180 x"][hostile.count % 5]
        var head = "SIP/2.0 \(status)\r\n"
        for id in [HeaderID.via, .callID, .cSeq, .from, .to] { head += "\(id.name): \(request.text(id) ?? "")\r\n" }
        return Array(head.utf8) + hostile[end...]
    }

    @Test("with lines of 64 KiB, zero bytes and escapes stay one line, and JSON stays JSON")
    func shapes() throws {
        let shapes: [[UInt8]] = [
            [UInt8](repeating: 0x41, count: 65_000), [0, 1, 2, 0x1B, 0x5B, 0x32, 0x4A], [0xC2, 0x9B, 0x32, 0x4A],
            [0xE2, 0x80, 0xAE], [0xFF, 0xFE],
        ]
        for shape in shapes {
            let answer: (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)] = { request, _ in
                var bytes = Array("SIP/2.0 200 ".utf8) + shape + Array("\r\n".utf8)
                for id in [HeaderID.via, .callID, .cSeq] {
                    bytes += Array("\(id.name): \(request.text(id) ?? "")\r\n".utf8)
                }
                return [(.milliseconds(1), .bytes(bytes + Array("Server: ".utf8) + shape + Array("\r\n\r\n".utf8)))]
            }
            let trace = try Run(["-T", "-s", "sip:bob@192.0.2.7"], answer)
            #expect(trace.out.utf8.count { $0 == 0x0A } == 2)
            #expect(!trace.out.utf8.contains(0x1B))
            let json = try Run(["--json", "-s", "sip:bob@192.0.2.7"], answer)
            for line in json.out.split(separator: "\n") {
                #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil)
            }
        }
    }
}
