import SIPKit
import SIPTrace

/// `-O`: the packets of what matched, as they were captured where one packet holds one message, else as new packets.
final class PacketSaver {
    private let path: String
    private var writer: PcapWriter?
    private(set) var failure: String?
    private var lastPacket = -1

    init(path: String) { self.path = path }

    func save(_ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>) {
        guard self.failure == nil else { return }
        do throws(CaptureError) {
            let isWhole = origin.transport == .udp && !origin.viaHEP && !origin.wrapping.contains(.fragments)
            let link = isWhole ? record.link : .ethernet
            if self.writer == nil { self.writer = try PcapWriter(path: self.path, link: link) }
            // One file has one link type; a packet of another one is rebuilt if the file is Ethernet.
            if isWhole, self.writer?.link == link {
                try self.writer?.write(packet, time: record.time, wireLength: record.wireLength)
            } else {
                let frame = PacketBuilder.frame(origin, message)
                let bytes = frame.span
                let start = self.writer?.link == .ethernet ? 0 : 14
                let body = self.writer?.link == .ethernet || self.writer?.link == .raw ? start : 0
                try self.writer?.write(bytes.extracting(body..<bytes.count), time: origin.time, wireLength: 0)
            }
        } catch {
            self.failure = error.description
        }
    }

    /// Writes what is still in memory, and tells of an error if there was one. A run without matches leaves an empty
    /// capture, not nothing.
    func finish() -> String? {
        guard self.failure == nil else { return self.failure }
        do {
            if self.writer == nil { self.writer = try PcapWriter(path: self.path, link: .ethernet) }
            try self.writer?.flush()
        } catch {
            self.failure = error.description
        }
        return self.failure
    }
}
