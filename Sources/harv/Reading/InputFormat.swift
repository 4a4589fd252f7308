import Glibc
import SIPKit

/// What an input is, by its first bytes: a capture, something packed, or text of whatever kind (``TextFormat``).
enum InputFormat: String, CaseIterable, Sendable {
    case text, pcap, gzip, zstd, xz, bzip2

    var isPacked: Bool { self != .text && self != .pcap }

    static let peekSize = 64 << 10

    /// - Parameter head: the first bytes of the input; up to ``peekSize`` of them.
    static func recognise(_ head: [UInt8]) -> InputFormat {
        func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
        if begins([0x1F, 0x8B]) { return .gzip }
        if begins([0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return .xz }
        if begins([0x42, 0x5A, 0x68]) { return .bzip2 }
        if begins([0x0A, 0x0D, 0x0D, 0x0A]) { return .pcap }
        let magics: [[UInt8]] = [
            [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0xC3, 0xD4], [0x4D, 0x3C, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D],
            [0x34, 0xCD, 0xB2, 0xA1], [0xA1, 0xB2, 0xCD, 0x34],
        ]
        if magics.contains(where: begins) { return .pcap }
        return .text
    }

    /// The first bytes of a file, without taking them away; empty for what cannot be read twice.
    static func peek(_ descriptor: Int32) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: Self.peekSize)
        let place = lseek(descriptor, 0, SEEK_CUR)
        guard place >= 0 else { return [] }
        let got = pread(descriptor, &head, head.count, place)
        return got > 0 ? Array(head[..<got]) : []
    }
}
