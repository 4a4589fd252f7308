import SIPKit

/// A conversation as ngrep prints it by lines, to be handed on (`--call` with `--anonymize`).
enum NgrepWriter {
    static func text(_ context: CallContext) -> String {
        var output: [UInt8] = []
        for (place, record) in context.records.enumerated() {
            let time = TimeText.iso(record.time)
            let date = time.prefix(10).split(separator: "-").joined(separator: "/")
            let letter = [.udp, .sctp].contains(record.transport) ? "U" : "T"
            output += Array(
                "\(letter) \(date) \(time.dropFirst(11).dropLast()) \(Self.endpoint(record.source)) -> \(Self.endpoint(record.destination))\n"
                    .utf8)
            for byte in context.conversation.message(place) {
                output.append(byte == ASCII.lf || (byte >= 0x20 && byte < 0x7F) ? byte : ASCII.dot)
            }
            output += [ASCII.lf, ASCII.lf]
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// ngrep puts no brackets around IPv6.
    private static func endpoint(_ address: SocketAddress) -> String { "\(address.ip):\(address.port)" }
}
