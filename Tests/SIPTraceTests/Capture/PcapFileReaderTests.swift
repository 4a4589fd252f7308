import Foundation
import SIPKit
import Testing

@testable import SIPTrace

@Suite("Reading capture files")
struct PcapFileReaderTests {
    private func read(_ bytes: [UInt8]) throws -> (records: [PacketRecord], packets: [[UInt8]], damage: CaptureError?) {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "x").path
        try Data(bytes).write(to: URL(filePath: path))
        var reader = try PcapFileReader(path: path)
        var (records, packets): ([PacketRecord], [[UInt8]]) = ([], [])
        while let record = reader.next() {
            records.append(record)
            packets.append(reader.bytes(record).copy(ByteRange(0, record.count)))
        }
        return (records, packets, reader.damage)
    }

    @Test("reads records with their times and lengths")
    func records() throws {
        let file = try self.read(Captures.pcap([[1, 2, 3], [4]]))
        #expect(file.packets == [[1, 2, 3], [4]])
        #expect(file.records.map(\.time) == [1000_000_007_000, 1001_000_007_000])
        #expect(file.damage == nil)
    }

    @Test("reads nanoseconds as such")
    func nanoseconds() throws {
        let file = try self.read(Captures.pcap([[1]], magic: 0xA1B2_3C4D))
        #expect(file.records.map(\.time) == [1000_000_000_007])
    }

    @Test("reads what is whole and says where the rest was cut off", arguments: 1...18)
    func cutShort(missing: Int) throws {
        let whole = Captures.pcap([[1, 2, 3], [4, 5, 6]])
        let file = try self.read(Array(whole.dropLast(missing)))
        #expect(file.packets == [[1, 2, 3]])
        let damage = try #require(file.damage)
        #expect(damage.kind == .cutShort)
        #expect(damage.description.contains("cut short at byte 43 (record 2"))
    }

    @Test("takes no record's word for a length of 2 GB")
    func hugeRecord() throws {
        let claim = Captures.le32(1) + Captures.le32(0) + Captures.le32(0x7FFF_FFFF) + Captures.le32(0x7FFF_FFFF)
        let file = try self.read(Captures.pcap([[1]]) + claim + [0, 0])
        #expect(file.packets == [[1]])
        #expect(file.damage?.kind == .cutShort)
    }

    @Test("tells an empty file, another file and an unknown link apart")
    func refusals() {
        #expect(throws: CaptureError(.empty, "")) { try self.read([]) }
        #expect(throws: CaptureError(.notACapture, "")) { try self.read(Array("hello, this is text".utf8)) }
        #expect(throws: CaptureError(.unknownLink, "")) { try self.read(Captures.pcap([[1]], link: 147)) }
        #expect(throws: CaptureError(.cannotOpen, "")) { _ = try PcapFileReader(path: "/nonexistent/x") }
    }

    @Test("writes what it reads back")
    func roundTrip() throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "out.pcap").path
        do {
            var writer = try PcapWriter(path: path, link: .raw)
            let packet: [UInt8] = [9, 8, 7]
            try writer.write(packet.span, time: 1_700_000_000_123_456_789, wireLength: 100)
            try writer.flush()
            let size = writer.size
            #expect(size == 24 + 16 + 3)
        }
        var reader = try PcapFileReader(path: path)
        let first = reader.next()
        let record = try #require(first)
        #expect(record.time == 1_700_000_000_123_456_789)
        #expect(record.wireLength == 100)
        #expect(record.link == .raw)
        let bytes = reader.bytes(record).copy(ByteRange(0, 3))
        #expect(bytes == [9, 8, 7])
        let second = reader.next()
        #expect(second == nil)
    }
}
