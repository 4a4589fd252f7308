/// Text from strangers, made safe to show.
///
/// A User-Agent with escape sequences must not move the reader's cursor or rename the window: control bytes (C0, DEL,
/// C1) and bytes that are not UTF-8 are written as `\xHH`. Letters of other scripts stay letters.
public enum Printable {
    /// The bytes as one line of valid, harmless UTF-8.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let raw = Array(bytes)
        if raw.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return String(decoding: raw, as: UTF8.self) }
        guard let text = String(validating: raw, as: UTF8.self) else { return Self.escapingAllButASCII(raw) }
        var output: [UInt8] = []
        for scalar in text.unicodeScalars {
            for byte in UTF8.encode(scalar)! {
                if Self.isHarmless(scalar) { output.append(byte) } else { Self.escape(byte, into: &output) }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func escapingAllButASCII(_ raw: [UInt8]) -> String {
        var output: [UInt8] = []
        for byte in raw {
            if byte >= 0x20 && byte < 0x7F { output.append(byte) } else { Self.escape(byte, into: &output) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Not a control, not a direction override, not an unassigned code.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    private static func escape(_ byte: UInt8, into output: inout [UInt8]) {
        output += [ASCII.backslash, 0x78, ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte)]
    }
}
