import SIPKit

/// All SIP messages of capture files, in the order of time: the plain way in for tools that keep messages.
///
/// ```swift
/// var reader = try MessageReader(["calls.pcap"])
/// reader.forEach { message in … ; return true }
/// ```
public struct MessageReader: ~Copyable {
    private var inputs: CaptureMerge
    private var extractor = MessageExtractor()

    /// - Parameters:
    ///   - paths: capture files; `-` is standard input.
    ///   - filter: a capture filter in libpcap's language.
    /// - Throws: ``CaptureError`` for a file that cannot be read at all or a filter that is none.
    public init(_ paths: [String], filter: String? = nil) throws(CaptureError) {
        if let filter { self.extractor.filter = try PacketFilter(filter) }
        self.inputs = try CaptureMerge(paths)
        self.extractor.keys = TLSKeyLog()
        self.extractor.holdsForKeys = self.inputs.mayHoldSecrets
    }

    /// Opens TLS with the secrets of a key log, besides those in the files.
    ///
    /// - Throws: ``CaptureError`` `.cannotOpen`.
    public mutating func useKeyLog(_ path: String) throws(CaptureError) {
        try self.extractor.keys?.follow(path, mayBeMissing: false)
        self.extractor.keys?.end()
    }

    /// Opens TLS with a server's RSA key, where the key exchange lets it.
    public mutating func usePrivateKey(_ key: TLSPrivateKey) { self.extractor.keys?.privateKeys.append(key) }

    /// Hands what looks like RTP to a tracker, too.
    public mutating func followMedia(_ media: MediaTracker) { self.extractor.media = media }

    /// Hands on every message until the callee answers false.
    public mutating func forEach(_ body: (CapturedMessage) -> Bool) {
        var goesOn = true
        let deliver: MessageExtractor.Deliver = { origin, bytes in
            guard goesOn else { return }
            goesOn = body(CapturedMessage(origin, bytes: bytes.copy(ByteRange(0, bytes.count))))
        }
        while self.readSome(deliver), goesOn {}
        self.extractor.finish(deliver)
    }

    private mutating func readSome(_ deliver: MessageExtractor.Deliver) -> Bool {
        // Taken out of `self` for some thousand packets, so that the files can lend their bytes to it.
        var extractor = MessageExtractor()
        swap(&extractor, &self.extractor)
        defer { swap(&extractor, &self.extractor) }
        let goesOn = self.inputs.next { record, bytes, input in
            extractor.take(bytes, record, input: input, deliver)
            return true
        }
        let secrets = self.inputs.takeSecrets()
        if !secrets.isEmpty, extractor.keys?.add(secrets.span) ?? false { extractor.keysCame(deliver) }
        return goesOn
    }

    /// What became of every packet so far.
    public var counts: TraceCounts { self.extractor.counts }
    /// Files that ended before their end, as sentences.
    public var damages: [CaptureError] { self.inputs.damages }
}
