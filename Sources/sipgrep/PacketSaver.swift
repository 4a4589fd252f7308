import Glibc
import SIPKit
import SIPTrace

/// `-O`: the packets of what matched, as they were captured where one packet holds one message, else as new packets.
///
/// Begins new files and removes old ones as asked. When the disk is full it stops writing, leaves the last file with
/// whole records only, and says so; showing goes on.
final class PacketSaver {
    private let rule: Saving
    private let diagnostics: Diagnostics
    private var writer: PcapWriter?
    /// What made writing end.
    private(set) var failure: String?
    private var number = 0
    private var fileBegan: Int64 = 0
    private var files: [(path: String, size: Int, began: Int64)] = []
    private let kind: PcapWriter.Kind

    /// Bytes in all files of this run, with what is still in memory.
    var written: Int { self.files.dropLast().reduce(0) { $0 + $1.size } + (self.writer?.size ?? 0) }
    /// TLS secrets that each file begins with.
    private var secrets: [UInt8] = []

    /// More of them: they stand before the packets that they open.
    func add(secrets: [UInt8]) {
        guard !secrets.isEmpty, self.failure == nil, self.secrets.count < 1 << 24 else { return }
        self.secrets += secrets
        self.writer?.writeSecrets(secrets)
    }

    init(_ rule: Saving, diagnostics: Diagnostics) {
        self.rule = rule
        self.kind = PcapWriter.Kind(path: rule.path)
        self.diagnostics = diagnostics
    }

    func save(_ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>) {
        guard self.failure == nil else { return }
        let isWhole =
            origin.transport == .udp && !origin.viaHEP && !origin.wrapping.contains(.fragments) && packet.count > 0
        do throws(CaptureError) {
            try self.obeySignals()
            if let writer = self.writer?.size, self.isFull(writer, origin.time) { try self.close() }
            if self.writer == nil { try self.open(origin.time, isWhole ? record.link : .ethernet) }
            if isWhole, self.kind.isPcapng || self.writer?.link == record.link {
                try self.writer?.write(packet, time: record.time, wireLength: record.wireLength, link: record.link)
            } else if self.kind.isPcapng {
                let frame = PacketBuilder.frame(origin, message)
                try self.writer?.write(
                    frame.span, time: origin.time, wireLength: 0, link: .ethernet, comment: Self.comment(origin))
            } else {
                // A pcap file has one link type. A message of another one, or of no single packet, becomes a new packet.
                let frame = PacketBuilder.frame(origin, message)
                let start = self.writer?.link == .ethernet ? 0 : PacketBuilder.linkHeaderLength
                let isAddressable = self.writer?.link == .ethernet || self.writer?.link == .raw
                guard isAddressable else { return try self.beginEthernetFile(frame, origin.time) }
                try self.writer?.write(frame.span.extracting(start..<frame.count), time: origin.time, wireLength: 0)
            }
        } catch {
            self.fail(error)
        }
    }

    /// Why the packet was not captured in this form.
    private static func comment(_ origin: MessageOrigin) -> String {
        let wrapping = origin.wrapping.names.isEmpty ? "" : ", in \(origin.wrapping.names.joined(separator: ", "))"
        let way = origin.viaHEP ? "reported by HEP" : "captured over \(origin.transport.viaName)"
        return "sipgrep: this message was \(way)\(wrapping); the packet was made for it"
    }

    /// A packet that holds no message and belongs to one: media of a call.
    func saveMedia(_ record: PacketRecord, packet: Span<UInt8>) {
        guard self.failure == nil, packet.count > 0 else { return }
        do throws(CaptureError) {
            try self.obeySignals()
            if let size = self.writer?.size, self.isFull(size, record.time) { try self.close() }
            if self.writer == nil { try self.open(record.time, record.link) }
            guard self.kind.isPcapng || self.writer?.link == record.link else { return }
            try self.writer?.write(packet, time: record.time, wireLength: record.wireLength, link: record.link)
        } catch {
            self.fail(error)
        }
    }

    private func fail(_ error: CaptureError) {
        self.failure = error.description
        self.diagnostics.say("\(error); no more is saved")
    }

    private func isFull(_ size: Int, _ time: Int64) -> Bool {
        if let limit = self.rule.bytesPerFile, size >= limit { return true }
        if let limit = self.rule.timePerFile, time - self.fileBegan >= limit { return true }
        return false
    }

    private func obeySignals() throws(CaptureError) {
        let (rotate, reopen) = SignalWatch.takeFileSignals()
        guard rotate || reopen, let link = self.writer?.link, let path = self.files.last?.path else { return }
        if reopen, !rotate {
            // Opened again under its own name where somebody has moved the file away. One that is in its place stays: to open it
            // again would empty it.
            try self.writer?.flush(isLast: true)
            if self.writer?.isInPlace ?? true { return }
            try self.close()
            self.writer = try PcapWriter(path: path, link: link)
            self.writer?.writeSecrets(self.secrets)
            // The file that was moved is its mover's now.
            self.files[self.files.count - 1].size = 0
            return
        }
        try self.close()
    }

    /// The file in use has a link type without a frame for new packets: they go to a file of their own.
    private func beginEthernetFile(_ frame: [UInt8], _ time: Int64) throws(CaptureError) {
        try self.close()
        self.number += 1
        try self.open(time, .ethernet)
        try self.writer?.write(frame.span, time: time, wireLength: 0)
    }

    private func open(_ time: Int64, _ link: LinkType) throws(CaptureError) {
        let path = self.path(time)
        self.fileBegan = time
        self.writer = try PcapWriter(path: path, link: link)
        self.writer?.writeSecrets(self.secrets)
        if !self.files.contains(where: { $0.path == path }) { self.files.append((path, 0, time)) }
        self.number += 1
        self.removeOldFiles(time)
    }

    /// `NAME.pcap`, or with rotation `NAME_000001_20261121060510.pcap`.
    private func path(_ time: Int64) -> String {
        guard self.rule.rotates || self.number > 0 else { return self.rule.path }
        var seconds = time_t(time.floorDivided(by: 1_000_000_000))
        var parts = tm()
        localtime_r(&seconds, &parts)
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: Swift.max(0, width - text.utf8.count)) + text
        }
        let stamp =
            digits(Int(parts.tm_year) + 1900, 4) + digits(Int(parts.tm_mon) + 1, 2) + digits(Int(parts.tm_mday), 2)
            + digits(Int(parts.tm_hour), 2) + digits(Int(parts.tm_min), 2) + digits(Int(parts.tm_sec), 2)
        let (base, suffix) = Self.parts(of: self.rule.path)
        return "\(base)_\(digits(self.number, 6))_\(stamp)\(suffix)"
    }

    /// `a/b`, `.pcapng.gz`; a name without a suffix gets `.pcap`.
    static func parts(of path: String) -> (base: String, suffix: String) {
        var base = Substring(path)
        var suffix = ""
        for packed in [".gz", ".zst"] where base.hasSuffix(packed) {
            base = base.dropLast(packed.count)
            suffix = packed
        }
        for plain in [".pcap", ".pcapng"] where base.hasSuffix(plain) {
            return (String(base.dropLast(plain.count)), plain + suffix)
        }
        return (String(base), ".pcap" + suffix)
    }

    private func close() throws(CaptureError) {
        try self.writer?.flush(isLast: true)
        if let size = self.writer?.size, let last = self.files.indices.last { self.files[last].size = size }
        self.writer = nil
    }

    /// Only files of this run are removed, and never the one in use.
    private func removeOldFiles(_ now: Int64) {
        while self.files.count > 1 {
            let tooMany = self.rule.keepFiles.map { self.files.count > $0 } ?? false
            let tooLarge = self.rule.keepBytes.map { limit in self.files.reduce(0) { $0 + $1.size } > limit } ?? false
            let tooOld = self.rule.keepAge.map { now - self.files[0].began > $0 } ?? false
            guard tooMany || tooLarge || tooOld else { return }
            unlink(self.files.removeFirst().path)
        }
    }

    /// Writes what is still in memory, and tells of an error if there was one. A run without matches leaves an empty
    /// capture, not nothing.
    func finish() -> String? {
        guard self.failure == nil else { return self.failure }
        do throws(CaptureError) {
            if self.files.isEmpty { try self.open(0, .ethernet) }
            try self.close()
        } catch {
            self.fail(error)
        }
        return self.failure
    }

    /// Hands what was saved so far to the system: others may be reading along.
    func flush() {
        guard self.failure == nil else { return }
        do throws(CaptureError) {
            try self.obeySignals()
            try self.writer?.flush()
        } catch {
            self.fail(error)
        }
    }
}
