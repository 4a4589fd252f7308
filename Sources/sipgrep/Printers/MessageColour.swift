import SIPKit

/// What a message is, by the colour of its line: requests cyan, provisional responses and challenges yellow, success green,
/// redirections blue, failures red, those of servers and final refusals bright red.
enum MessageColour {
    static func begin(_ message: Span<UInt8>, to output: inout OutputBuffer) {
        guard let status = Self.status(message) else { return output.write("\u{1B}[36m") }
        switch status {
        case 401, 407, 100..<200: output.write("\u{1B}[33m")
        case 200..<300: output.write("\u{1B}[32m")
        case 300..<400: output.write("\u{1B}[34m")
        case 400..<500: output.write("\u{1B}[31m")
        default: output.write("\u{1B}[1;31m")
        }
    }

    static func end(to output: inout OutputBuffer) { output.write("\u{1B}[0m") }

    /// The code behind `SIP/2.0 `; `nil` for everything else.
    private static func status(_ message: Span<UInt8>) -> Int? {
        guard message.count >= 11, message[0] | 0x20 == 0x73, message[3] == ASCII.slash, message[7] == ASCII.space
        else { return nil }
        return ASCII.number(message, ByteRange(8, 11), limit: 999).map(Int.init)
    }
}
