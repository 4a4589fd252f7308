import Foundation
import SIPKit
import Testing

@testable import SIPTrace

/// Another reader's count of every capture of the corpus: packets with SIP in them, and different Call-IDs.
@Suite("Captures that another reader has counted", .enabled(if: SharedData.hasCorpus, "shared corpus absent"))
struct PcapExpectedTests {
    @Test("have the same number of packets with SIP, and the same number of calls")
    func all() throws {
        let corpus = SharedData.root.appending(path: "corpus")
        let table = try String(contentsOf: corpus.appending(path: "pcap-expected.tsv"), encoding: .utf8)
        let rows = table.split(separator: "\n").dropFirst()
        #expect(rows.count > 60)
        for row in rows {
            let columns = row.split(separator: "\t", omittingEmptySubsequences: false)
            var (frames, calls): (Set<Int>, Set<[UInt8]>) = ([], [])
            var reading = MessageReading()
            var reader = try MessageReader([corpus.appending(path: String(columns[0])).path])
            // swift-format-ignore: ReplaceForEachWithForLoop
            reader.forEach { message in
                frames.insert(message.frame)
                reading.read(message.bytes.span)
                let callID = reading.isReadable ? reading.callID : .none
                if !callID.isEmpty { calls.insert(message.bytes.span.copy(callID)) }
                return true
            }
            #expect("\(frames.count) \(calls.count)" == "\(columns[2]) \(columns[3])", "\(columns[0])")
        }
    }
}
