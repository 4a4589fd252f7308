import CPcap
import Glibc
import SIPKit

/// Packets from a network device, through libpcap.
public final class LiveCapture {
    public struct Settings: Sendable {
        /// `any` is all devices at once.
        public var device = "any"
        public var snapLength: Int32 = 262_144
        public var isPromiscuous = true
        /// The kernel's ring, in bytes. Where it cannot be had, half of it is tried, and so on.
        public var bufferSize: Int32 = 16 << 20
        /// How long the kernel may keep packets together before it hands them over.
        public var delay: Int32 = 50

        public init() {}
    }

    /// Who lost how many packets, as the system tells it.
    public struct Drops: Sendable, Equatable {
        public var received = 0
        public var byKernel = 0
        public var byInterface = 0

        public init() {}
    }

    public let device: String
    public let link: LinkType
    /// Network and mask, as `195.37.77.96/255.255.255.240`; `nil` for a device without an IPv4 address.
    public let network: String?
    /// What was done differently from what was asked for: a smaller ring.
    public private(set) var notes: [String] = []
    private let handle: OpaquePointer

    /// - Throws: ``CaptureError``: `.noDevice` (and says which there are), `.noPermission`, `.failed`.
    public init(_ settings: Settings) throws(CaptureError) {
        self.device = settings.device
        var buffer = settings.bufferSize
        var opened: OpaquePointer?
        var notes: [String] = []
        while true {
            switch Self.open(settings, buffer) {
            case .success(let handle): opened = handle
            case .failure(let status):
                if status.code == PCAP_ERROR, status.isMemory, buffer > 64 * 1024 {
                    buffer /= 2
                    continue
                }
                throw Self.error(settings.device, status)
            }
            break
        }
        guard let opened else { throw CaptureError(.failed, "\(settings.device): cannot be opened") }
        if buffer != settings.bufferSize {
            notes.append(
                "\(settings.device): a ring of \(settings.bufferSize / 1024) KiB cannot be had, using \(buffer / 1024)")
        }
        self.handle = opened
        self.link = LinkType(dlt: pcap_datalink(opened))
        self.network = Self.network(of: settings.device)
        self.notes = notes
        guard self.link.isKnown else {
            throw CaptureError(.unknownLink, "\(settings.device): link type \(self.link.rawValue) is not known")
        }
    }

    deinit { pcap_close(self.handle) }

    private struct Status: Error {
        var code: Int32
        var text: String
        var isMemory: Bool { self.text.contains("emory") || self.text.contains("ring") }
    }

    private static func open(_ settings: Settings, _ buffer: Int32) -> Result<OpaquePointer, Status> {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(settings.device, &message) else {
            return .failure(Status(code: PCAP_ERROR, text: Self.text(message)))
        }
        pcap_set_snaplen(handle, settings.snapLength)
        pcap_set_promisc(handle, settings.isPromiscuous ? 1 : 0)
        pcap_set_timeout(handle, settings.delay)
        pcap_set_buffer_size(handle, buffer)
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        let code = pcap_activate(handle)
        guard code >= 0 else {
            let text = String(cString: pcap_geterr(handle))
            pcap_close(handle)
            return .failure(Status(code: code, text: text))
        }
        guard pcap_setnonblock(handle, 1, &message) == 0 else {
            pcap_close(handle)
            return .failure(Status(code: PCAP_ERROR, text: Self.text(message)))
        }
        return .success(handle)
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func error(_ device: String, _ status: Status) -> CaptureError {
        let shown = Printable.text(device.utf8)
        switch status.code {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            let there = Self.devices().map(\.name).joined(separator: ", ")
            return CaptureError(.noDevice, "\(shown): no such device; there are: \(there)")
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            return CaptureError(
                .noPermission,
                "\(shown): capture needs CAP_NET_RAW; run as root or: setcap cap_net_raw,cap_net_admin+ep \(Self.ownPath)"
            )
        case PCAP_ERROR_IFACE_NOT_UP: return CaptureError(.noDevice, "\(shown): the device is down")
        default: return CaptureError(.failed, "\(shown): \(status.text.isEmpty ? "error \(status.code)" : status.text)")
        }
    }

    private static var ownPath: String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let length = buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return readlink("/proc/self/exe", base.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : "PATH"
    }

    /// The devices of this machine, with what libpcap knows about them.
    public static func devices() -> [(name: String, about: String)] {
        var list: UnsafeMutablePointer<pcap_if_t>?
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_findalldevs(&list, &message) == 0 else { return [] }
        defer { pcap_freealldevs(list) }
        var found: [(String, String)] = []
        var next = list
        while let device = next?.pointee {
            found.append(
                (device.name.map { String(cString: $0) } ?? "", device.description.map { String(cString: $0) } ?? ""))
            next = device.next
        }
        return found
    }

    private static func network(of device: String) -> String? {
        var (network, mask): (bpf_u_int32, bpf_u_int32) = (0, 0)
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_lookupnet(device, &network, &mask, &message) == 0, mask != 0 else { return nil }
        return "\(IPAddress(v4: UInt32(bigEndian: network)))/\(IPAddress(v4: UInt32(bigEndian: mask)))"
    }

    /// Whether a filter can be compiled for this device's link type.
    public func accepts(_ text: String) -> Bool {
        var program = bpf_program()
        guard pcap_compile(self.handle, &program, text, 1, UInt32.max) == 0 else { return false }
        pcap_freecode(&program)
        return true
    }

    /// Sets the kernel's filter, so that other packets never leave the kernel.
    ///
    /// - Throws: ``CaptureError`` `.badFilter`.
    public func setFilter(_ text: String) throws(CaptureError) {
        var program = bpf_program()
        guard pcap_compile(self.handle, &program, text, 1, UInt32.max) == 0 else {
            throw CaptureError(.badFilter, String(cString: pcap_geterr(self.handle)))
        }
        defer { pcap_freecode(&program) }
        guard pcap_setfilter(self.handle, &program) == 0 else {
            throw CaptureError(.failed, "\(self.device): \(String(cString: pcap_geterr(self.handle)))")
        }
    }

    public enum Batch: Equatable, Sendable {
        case packets(Int)
        case nothing, ended
    }

    /// Hands on the packets that have arrived, waiting for the first one for at most `timeout` milliseconds.
    ///
    /// - Throws: ``CaptureError`` `.failed` when the device is gone.
    public func take(
        timeout: Int32, atMost limit: Int = 4096, _ handle: (PacketRecord, Span<UInt8>) -> Void
    ) throws(CaptureError) -> Batch {
        var taken = 0
        while taken < limit {
            var header: UnsafeMutablePointer<pcap_pkthdr>?
            var data: UnsafePointer<UInt8>?
            switch pcap_next_ex(self.handle, &header, &data) {
            case 1:
                guard let header = header?.pointee, let data else { continue }
                let count = Int(header.caplen)
                // The fraction is nanoseconds, as was asked for; its C type says microseconds.
                let record = PacketRecord(
                    time: Int64(header.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.ts.tv_usec), start: 0, count: count,
                    wireLength: Int(header.len), link: self.link)
                handle(record, UnsafeBufferPointer(start: data, count: count).span)
                taken += 1
            case 0:
                if taken > 0 { return .packets(taken) }
                try self.wait(timeout)
                return .nothing
            case PCAP_ERROR_BREAK: return .ended
            default: throw CaptureError(.failed, "\(self.device): \(String(cString: pcap_geterr(self.handle)))")
            }
        }
        return .packets(taken)
    }

    private func wait(_ timeout: Int32) throws(CaptureError) {
        var descriptor = pollfd(fd: pcap_get_selectable_fd(self.handle), events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, timeout)
    }

    public var drops: Drops {
        var statistics = pcap_stat()
        guard pcap_stats(self.handle, &statistics) == 0 else { return Drops() }
        var drops = Drops()
        drops.received = Int(statistics.ps_recv)
        drops.byKernel = Int(statistics.ps_drop)
        drops.byInterface = Int(statistics.ps_ifdrop)
        return drops
    }
}
