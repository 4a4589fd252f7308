/// Several files as one, their packets in the order of time.
public struct CaptureMerge: ~Copyable {
    /// A reader in a box: readers cannot be copied into an array.
    private final class Input {
        var reader: PcapFileReader
        var record: PacketRecord?
        init(_ reader: consuming PcapFileReader) { self.reader = reader }
    }

    private var inputs: [Input] = []

    /// - Throws: ``CaptureError`` for the first file that cannot be read at all.
    public init(_ paths: [String], assuming link: LinkType? = nil) throws(CaptureError) {
        for path in paths {
            self.inputs.append(Input(try PcapFileReader(path: path, assuming: link)))
        }
        if self.inputs.count > 1 { for input in self.inputs { input.record = input.reader.next() } }
    }

    /// Hands on the next packets with the number of their file, until the callee answers that it has enough.
    ///
    /// - Returns: false when that was so, or at the end of all files.
    public mutating func next(_ handle: (PacketRecord, Span<UInt8>, Int) -> Bool) -> Bool {
        if self.inputs.count == 1 {
            // Some thousands at a time: the loop stays in the reader, and signals are looked at in between.
            return self.inputs[0].reader.forEach(atMost: 4096) { handle($0, $1, 0) }
        }
        var earliest: Int?
        for index in self.inputs.indices {
            guard let record = self.inputs[index].record else { continue }
            if let best = earliest, let time = self.inputs[best].record?.time, time <= record.time { continue }
            earliest = index
        }
        guard let earliest, let record = self.inputs[earliest].record else { return false }
        let goesOn = self.inputs[earliest].reader.withBytes(record) { handle(record, $0, earliest) }
        guard goesOn else { return false }
        self.inputs[earliest].record = self.inputs[earliest].reader.next()
        return true
    }

    /// TLS secrets that stood in the files since the last question, as text of a key log.
    public mutating func takeSecrets() -> [UInt8] {
        self.inputs.reduce(into: []) { $0 += $1.reader.takeSecrets() }
    }

    /// Whether a file's format has a place for TLS secrets.
    public var mayHoldSecrets: Bool { self.inputs.contains { $0.reader.isPcapng } }

    /// The link type of the first file.
    public var link: LinkType { self.inputs.first?.reader.link ?? .ethernet }

    /// The files that ended before their end.
    public var damages: [CaptureError] { self.inputs.compactMap { $0.reader.damage } }

    /// Sentences about packets that were passed over because their link type is not known.
    public var unknownLinkLines: [String] {
        self.inputs.flatMap { input in
            input.reader.unknownLinks.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                "\(input.reader.name): \($0.value) packets of link type \($0.key.rawValue) were not read: the type is not known"
            }
        }
    }
}
