import Glibc
import SIPKit

/// Reads the packets of one capture file: pcap of every kind, pcapng, Microsoft's Network Monitor 2, packed with gzip, zstd or xz or not, from a path or
/// from standard input.
///
/// Own code rather than libpcap's: it is three times as fast, reads files with several link types, and says where a
/// damaged file is damaged instead of ending silently. The packets before the damage are all read.
public struct PcapFileReader: ~Copyable {
    public let name: String
    private let descriptor: Int32
    private var source: ByteSource
    private var format: Format
    /// How many packets have been read.
    public private(set) var packets = 0
    /// Packets on interfaces whose link type nobody knows (pcapng), by type.
    public private(set) var unknownLinks: [LinkType: Int] = [:]
    /// Why reading ended before the end of the file, once it did.
    public private(set) var damage: CaptureError?
    /// TLS secrets that stand in the file (decryption secrets blocks, RFC draft pcapng §4.7), as key log text.
    private var secrets: [UInt8] = []
    private var secretBytes = 0
    /// What link type to assume instead of the one in the file.
    public var linkOverride: LinkType?

    enum Format {
        case pcap(PcapHeader)
        case pcapng(PcapngSection)
        case netMon(NetMonHeader)
    }

    /// Opens a file and reads its header.
    ///
    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - link: a link type to use whatever the file says.
    /// - Throws: ``CaptureError``, `.cannotOpen`, `.empty`, `.notACapture` or `.unknownLink`.
    public init(path: String, assuming link: LinkType? = nil) throws(CaptureError) {
        self.name = path
        self.linkOverride = link
        if path == "-" {
            self.descriptor = dup(STDIN_FILENO)
        } else {
            self.descriptor = open(path, O_RDONLY | O_CLOEXEC)
        }
        self.format = .pcapng(PcapngSection(bigEndian: false))
        self.source = ByteSource(descriptor: self.descriptor)
        guard self.descriptor >= 0 else {
            throw CaptureError(.cannotOpen, "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        if fstat(self.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw CaptureError(.cannotOpen, "\(Printable.text(path.utf8)): is a directory")
        }
        try self.readFileHeader()
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Where the next packet begins, in bytes of the unpacked file.
    public var bytesRead: Int { self.source.offset }

    /// The link type of the file; of its first interface for pcapng, `nil` before one was described.
    public var link: LinkType? {
        if let link = self.linkOverride { return link }
        return switch self.format {
        case .pcap(let header): header.link
        case .pcapng(let section): section.interfaces.first?.link
        case .netMon(let header): header.link
        }
    }

    private mutating func readFileHeader() throws(CaptureError) {
        let shown = Printable.text(self.name.utf8)
        guard self.source.need(4) else {
            if self.source.failure != 0 {
                throw CaptureError(.cannotOpen, "\(shown): \(String(cString: strerror(self.source.failure)))")
            }
            if self.source.available == 0 { throw CaptureError(.empty, "\(shown): empty") }
            throw self.notACapture(shown)
        }
        if let compression = Compression(magic: self.source.block.span.u32(self.source.position)) {
            self.source.unpack(compression)
            guard self.source.need(4) else {
                throw CaptureError(.notACapture, "\(shown): a \(compression.name) file without a whole capture in it")
            }
        }
        let magic = self.source.block.span.u32(self.source.position)
        if magic == 0x0A0D_0D0A {
            self.format = .pcapng(PcapngSection(bigEndian: false))
            return
        }
        if magic == NetMonHeader.magic {
            guard self.source.need(NetMonHeader.size),
                let header = NetMonHeader(self.source.block.span.part(self.source.position, self.source.filled))
            else {
                throw CaptureError(.notACapture, "\(shown): cut short inside its file header")
            }
            self.source.advance(NetMonHeader.size)
            self.format = .netMon(header)
            guard (self.linkOverride ?? header.link).isKnown else {
                throw CaptureError(.unknownLink, "\(shown): not a capture of Ethernet; --link-as en10mb to try")
            }
            return
        }
        guard let kind = PcapHeader.kind(magic) else { throw self.notACapture(shown) }
        guard self.source.need(24) else {
            throw CaptureError(.notACapture, "\(shown): cut short inside its file header")
        }
        let header = PcapHeader(self.source.block.span.part(self.source.position, self.source.position + 24), kind)
        self.source.advance(24)
        self.format = .pcap(header)
        let link = self.linkOverride ?? header.link
        guard link.isKnown else {
            throw CaptureError(
                .unknownLink, "\(shown): link type \(link.rawValue) is not known; --link-as en10mb to try")
        }
    }

    /// The secrets that were read since the last call.
    mutating func takeSecrets() -> [UInt8] {
        guard !self.secrets.isEmpty else { return [] }
        defer { self.secrets = [] }
        return self.secrets
    }

    var isPcapng: Bool {
        if case .pcapng = self.format { return true }
        return false
    }

    private func notACapture(_ shown: String) -> CaptureError {
        let end = Swift.min(self.source.filled, self.source.position + 24)
        let start = Printable.text(self.source.block[self.source.position..<end])
        return CaptureError(.notACapture, "\(shown): not a pcap or pcapng file (starts with \"\(start)\")")
    }

    /// The next packet, or `nil` at the end. Its bytes are good until the next call.
    @inline(__always)
    public mutating func next() -> PacketRecord? {
        guard self.damage == nil else { return nil }
        switch self.format {
        case .pcap(let header): return self.nextPcap(header)
        case .pcapng: return self.nextPcapng()
        case .netMon(let header): return self.nextNetMon(header)
        }
    }

    /// The bytes of the packet that ``next()`` gave last.
    @_lifetime(borrow self)
    @inline(__always)
    public func bytes(_ record: PacketRecord) -> Span<UInt8> {
        self.source.block.span.part(record.start, record.start &+ record.count)
    }

    /// Hands on packet after packet until the callee answers that it has enough, or `limit` were read.
    ///
    /// - Returns: false when the callee had enough, or at the end of the file.
    public mutating func forEach(atMost limit: Int = .max, _ body: (PacketRecord, Span<UInt8>) -> Bool) -> Bool {
        var left = limit
        while left > 0 {
            guard let record = self.next(), body(record, self.bytes(record)) else { return false }
            left -= 1
        }
        return true
    }

    /// Lends the bytes of the packet that ``next()`` gave last, for owners whose reader is part of a class.
    public func withBytes<Result>(_ record: PacketRecord, _ body: (Span<UInt8>) -> Result) -> Result {
        body(self.bytes(record))
    }

    private mutating func nextPcap(_ header: PcapHeader) -> PacketRecord? {
        guard self.source.need(header.recordHeaderSize) else {
            if self.source.available > 0 {
                self.cut(
                    "record \(self.packets + 1) has \(self.source.available) of \(header.recordHeaderSize) header bytes"
                )
            } else {
                self.checkForReadError()
            }
            return nil
        }
        let (captured, wireLength, time) = header.record(self.source.block.span, self.source.position)
        guard captured <= header.maximumRecord else {
            self.cut("record \(self.packets + 1) claims \(captured) bytes")
            return nil
        }
        guard self.source.need(header.recordHeaderSize &+ captured) else {
            let there = self.source.available - header.recordHeaderSize
            self.cut("record \(self.packets + 1) wants \(captured) bytes, \(there) are there")
            return nil
        }
        let start = self.source.position &+ header.recordHeaderSize
        self.source.advance(header.recordHeaderSize &+ captured)
        self.packets &+= 1
        return PacketRecord(
            time: time, start: start, count: captured, wireLength: wireLength, link: self.linkOverride ?? header.link)
    }

    private mutating func nextNetMon(_ header: NetMonHeader) -> PacketRecord? {
        guard self.source.offset < header.tableOffset else { return nil }
        guard self.source.need(16) else {
            self.cut("frame \(self.packets + 1) has \(self.source.available) of 16 header bytes")
            return nil
        }
        let (captured, wireLength, time) = header.record(self.source.block.span, self.source.position)
        guard captured <= NetMonHeader.maximumFrame, self.source.need(16 + captured + header.trailerSize) else {
            self.cut("frame \(self.packets + 1) claims \(captured) bytes")
            return nil
        }
        let start = self.source.position + 16
        self.source.advance(16 + captured + header.trailerSize)
        self.packets &+= 1
        return PacketRecord(
            time: time, start: start, count: captured, wireLength: wireLength, link: self.linkOverride ?? header.link)
    }

    private mutating func nextPcapng() -> PacketRecord? {
        guard case .pcapng(var section) = self.format else { return nil }
        while true {
            guard self.source.need(12) else {
                if self.source.available > 0 {
                    self.cut("a block has \(self.source.available) bytes")
                } else {
                    self.checkForReadError()
                }
                return nil
            }
            let at = self.source.position
            if self.source.block.span.u32(at) == PcapngSection.header {
                guard let begun = PcapngSection(header: self.source.block.span.part(at, at + 12)) else {
                    self.cut("a section header without a byte-order magic")
                    return nil
                }
                section = begun
                self.format = .pcapng(section)
            }
            let length = Int(section.u32(self.source.block.span, at + 4))
            guard length >= 12, length % 4 == 0, length <= PcapngSection.maximumBlock else {
                self.cut("a block claims \(length) bytes")
                return nil
            }
            guard self.source.need(length) else {
                self.cut("a block wants \(length) bytes, \(self.source.available) are there")
                return nil
            }
            let start = self.source.position
            self.source.advance(length)
            switch section.read(self.source.block.span, start, length) {
            case .secrets(let range):
                // More than a few MB of keys is no key log.
                if self.secretBytes < 1 << 24 {
                    self.secrets += self.source.block.span.copy(range) + [ASCII.lf]
                    self.secretBytes += range.count
                }
            case .nothing: break
            case .changed: self.format = .pcapng(section)
            case .damaged(let what):
                self.cut(what)
                return nil
            case .packet(var record):
                if let link = self.linkOverride { record.link = link }
                self.packets &+= 1
                guard record.link.isKnown else {
                    self.unknownLinks[record.link, default: 0] += 1
                    continue
                }
                return record
            }
        }
    }

    private mutating func cut(_ what: String) {
        self.damage = CaptureError(
            .cutShort, "\(Printable.text(self.name.utf8)): cut short at byte \(self.source.offset) (\(what))")
    }

    private mutating func checkForReadError() {
        guard self.source.failure != 0 else { return }
        self.damage = CaptureError(
            .failed,
            "\(Printable.text(self.name.utf8)): \(String(cString: strerror(self.source.failure))) at byte \(self.source.offset)"
        )
    }
}
