import Foundation
import SIPKit
import Testing

@testable import SIPTrace

@Suite("Writing capture files")
struct PcapWriterTests {
    private struct Packet: Equatable {
        var bytes: [UInt8]
        var time: Int64
        var wireLength: Int
        var link: LinkType
    }

    @Test(
        "gives back every packet, in every format and packing",
        arguments: ["x.pcap", "x.pcapng", "x.pcap.gz", "x.pcap.zst", "x.pcapng.gz", "x.pcapng.zst"])
    func roundTrip(name: String) throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: name).path
        let isPcapng = name.contains("pcapng")
        var wanted: [Packet] = []
        do {
            var writer = try PcapWriter(path: path, link: .ethernet)
            for number in 0..<3000 {
                let bytes = [UInt8](repeating: UInt8(number % 251), count: number % 400)
                let link: LinkType = isPcapng && number % 3 == 0 ? .raw : .ethernet
                let time = Int64(number) * 1_000_000_007
                try writer.write(
                    bytes.span, time: time, wireLength: bytes.count + 3, link: link,
                    comment: number % 5 == 0 ? "why" : "")
                wanted.append(Packet(bytes: bytes, time: time, wireLength: bytes.count + 3, link: link))
                if number % 700 == 0 { try writer.flush() }
            }
            try writer.flush(isLast: true)
        }
        var reader = try PcapFileReader(path: path)
        var found: [Packet] = []
        while let record = reader.next() {
            found.append(
                Packet(
                    bytes: reader.bytes(record).copy(ByteRange(0, record.count)), time: record.time,
                    wireLength: record.wireLength, link: record.link))
        }
        #expect(found == wanted)
        #expect(reader.damage == nil)
    }

    @Test("puts secrets where a reader finds them")
    func secrets() throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "x.pcapng").path
        do {
            var writer = try PcapWriter(path: path, link: .ethernet)
            writer.writeSecrets(Array("CLIENT_RANDOM 00 11\n".utf8))
            try writer.write([1, 2, 3].span, time: 1, wireLength: 3)
            try writer.flush(isLast: true)
        }
        var reader = try PcapFileReader(path: path)
        #expect(reader.next() != nil)
        #expect(String(decoding: reader.takeSecrets(), as: UTF8.self).hasPrefix("CLIENT_RANDOM 00 11"))
    }

    @Test("reads packed files of other programs, cut or whole", arguments: ["gzip", "zstd", "xz"])
    func packedByOthers(program: String) throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "x.pcap").path
        try Data(Captures.pcap((0..<2000).map { [UInt8](repeating: UInt8($0 % 256), count: 300) })).write(
            to: URL(filePath: path))
        guard try SharedData.run("/usr/bin/env", [program, "-f", path]) == 0 else { return }
        let packed = try #require(
            FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0 != "x.pcap" })
        let bytes = try Data(contentsOf: folder.appending(path: packed))
        for share in [4, 3, 2, 1] {
            let cut = folder.appending(path: "cut").path
            try bytes.prefix(bytes.count * share / 4).write(to: URL(filePath: cut))
            var count = 0
            if var reader = try? PcapFileReader(path: cut) {
                while reader.next() != nil { count += 1 }
                #expect((reader.damage == nil) == (share == 4), "\(program) \(share)/4")
            }
            #expect(share < 4 || count == 2000)
        }
    }
}
