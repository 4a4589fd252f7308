import SIPKit

/// Messages out of WebSocket frames (RFC 6455 §5): unmasked, fragments joined, control frames passed over.
struct WebSocketFrames {
    enum Step: Equatable {
        /// A whole message, and how many bytes were used.
        case message([UInt8], used: Int)
        case nothing(used: Int)
        case wait
        case damaged
    }

    private var parts: [UInt8] = []

    /// Reads one frame at `start`.
    mutating func step(_ bytes: Span<UInt8>, from start: Int) -> Step {
        guard bytes.count - start >= 2 else { return .wait }
        let (first, second) = (bytes.u8(start), bytes.u8(start + 1))
        let opcode = first & 15
        // Reserved bits mean an extension (compression) that cannot be undone without its state.
        guard first & 0x70 == 0, opcode <= 2 || (8...10).contains(opcode) else { return .damaged }
        var place = start + 2
        var length = second & 0x7F
        if length == 126 {
            guard bytes.count >= place + 2 else { return .wait }
            length = bytes.u16(place)
            place += 2
        } else if length == 127 {
            guard bytes.count >= place + 8 else { return .wait }
            let wide = bytes.u64(place)
            guard wide <= UInt64(SIPStreamCutter.longestMessage) else { return .damaged }
            length = Int(wide)
            place += 8
        }
        let isMasked = second & 0x80 != 0
        let key = bytes.u32(place)
        if isMasked { place += 4 }
        guard bytes.count >= place + length else { return .wait }
        let used = place + length - start
        guard opcode < 8 else { return .nothing(used: used) }
        if opcode != 0 { self.parts.removeAll() }
        guard self.parts.count + length <= SIPStreamCutter.longestMessage else { return .damaged }
        let from = self.parts.count
        self.parts += bytes.copy(.init(place, place + length))
        if isMasked {
            for index in 0..<length {
                self.parts[from + index] ^= UInt8(truncatingIfNeeded: key >> UInt32(24 - index % 4 * 8))
            }
        }
        guard first & 0x80 != 0 else { return .nothing(used: used) }
        defer { self.parts = [] }
        return .message(self.parts, used: used)
    }
}
