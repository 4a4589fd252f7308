import CPcap

/// A capture filter in libpcap's language ("port 5060 and host 192.0.2.1"), compiled for any link type that turns up.
///
/// It is tried on the packet as captured and, by ``matchesIP(_:)``, on an IP packet inside tags and tunnels.
public final class PacketFilter {
    public let text: String
    private var programs: [LinkType: bpf_program?] = [:]
    private var rawIP: bpf_program
    // The program of the link type that was asked for last: nearly always the only one.
    private var lastLink = LinkType(rawValue: .max)
    private var last: bpf_program?

    /// - Throws: ``CaptureError`` `.badFilter` with libpcap's own sentence when the text is no filter.
    public init(_ text: String) throws(CaptureError) {
        self.text = text
        // A filter may speak of the link layer ("vlan", "ether host") and then has no meaning for plain IP; or it may
        // speak of IP only. One of the two must compile.
        switch Self.compile(text, .ethernet) {
        case .success(let program): self.programs[.ethernet] = program
        case .failure(let error): throw error
        }
        switch Self.compile(text, .raw) {
        case .success(let program): self.rawIP = program
        case .failure: self.rawIP = bpf_program()
        }
    }

    deinit {
        for case var program? in self.programs.values { pcap_freecode(&program) }
        if self.rawIP.bf_len > 0 { pcap_freecode(&self.rawIP) }
    }

    /// libpcap keeps the compiler's state per handle; a snap length larger than any packet makes "accept" mean all.
    static func compile(_ text: String, _ link: LinkType) -> Result<bpf_program, CaptureError> {
        guard let handle = pcap_open_dead(link.dlt, 262_144) else {
            return .failure(CaptureError(.failed, "libpcap has no memory"))
        }
        defer { pcap_close(handle) }
        var program = bpf_program()
        guard pcap_compile(handle, &program, text, 1, UInt32.max) == 0 else {
            return .failure(CaptureError(.badFilter, String(cString: pcap_geterr(handle))))
        }
        return .success(program)
    }

    /// libpcap's sentence about what is wrong with a filter; `nil` when nothing is.
    public static func reasonAgainst(_ text: String) -> String? {
        switch Self.compile(text, .ethernet) {
        case .success(var program):
            pcap_freecode(&program)
            return nil
        case .failure(let error):
            // Some filters cannot match anything; that is no error of grammar.
            return error.description.contains("rejects all packets") ? nil : error.description
        }
    }

    /// Whether the filter language knows VLANs on this link type.
    public static func knowsVLAN(_ link: LinkType) -> Bool {
        guard case .success(var program) = Self.compile("vlan", link) else { return false }
        pcap_freecode(&program)
        return true
    }

    /// Whether any Ethernet packet could pass. libpcap's optimiser finds contradictions such as "ip and ip6".
    public static func canPass(_ text: String) -> Bool {
        guard case .success(var program) = Self.compile(text, .ethernet) else { return false }
        defer { pcap_freecode(&program) }
        // A program of one instruction "return 0".
        return !(program.bf_len == 1 && program.bf_insns[0].k == 0)
    }

    /// Whether the packet passes; `false` where the filter cannot be applied to the link type.
    @inline(__always)
    public func matches(_ bytes: Span<UInt8>, _ record: PacketRecord) -> Bool {
        if record.link != self.lastLink { self.choose(record.link) }
        guard let program = self.last else { return false }
        return Self.run(program, bytes, wireLength: record.wireLength)
    }

    private func choose(_ link: LinkType) {
        self.lastLink = link
        if let known = self.programs[link] {
            self.last = known
            return
        }
        let program = try? Self.compile(self.text, link).get()
        self.programs[link] = .some(program)
        self.last = program
    }

    /// Whether an IP packet without any link header passes.
    public func matchesIP(_ bytes: Span<UInt8>) -> Bool {
        self.rawIP.bf_len > 0 && Self.run(self.rawIP, bytes, wireLength: bytes.count)
    }

    private static func run(_ program: bpf_program, _ bytes: Span<UInt8>, wireLength: Int) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            bpf_filter(
                program.bf_insns, buffer.baseAddress, UInt32(truncatingIfNeeded: wireLength), UInt32(buffer.count))
                != 0
        }
    }
}
