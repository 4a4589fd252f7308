import SIPKit

/// A case of the PROTOS suite: packets, each with its length in decimal digits and a blank in front.
public enum ProtosCase {
    static let values: [(String, String)] = [
        ("<To>", "receiver@127.0.0.1"), ("<From-Address>", "127.0.0.1"), ("<From-IP>", "127.0.0.1"),
        ("<From>", "sender@127.0.0.1"),
        ("<Local-Port>", "5060"), ("<Branch-ID>", "z9hG4bK00000"), ("<Call-ID>", "0@127.0.0.1"), ("<CSeq>", "1"),
        ("<Teardown-Method>", "CANCEL"),
    ]

    public static func packets(_ file: [UInt8]) -> [[UInt8]] {
        var cursor = ByteCursor(file.span)
        var all: [[UInt8]] = []
        while let length = cursor.takeNumber(limit: 1 << 24), cursor.skip(ASCII.space), Int(length) <= cursor.remaining
        {
            all.append(Self.fill(cursor.copy(ByteRange(cursor.offset, cursor.offset + Int(length)))))
            cursor.offset += Int(length)
        }
        return all
    }

    private static func fill(_ packet: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(packet.count + 200)
        var at = 0
        scan: while at < packet.count {
            if packet[at] == ASCII.less {
                for (name, value) in Self.values where packet[at...].starts(with: name.utf8) {
                    output += value.utf8
                    at += name.utf8.count
                    continue scan
                }
                if packet[at...].starts(with: "<Content-Length>".utf8) {
                    output.append(ASCII.zero)
                    at += 16
                    continue
                }
            }
            output.append(packet[at])
            at += 1
        }
        return output
    }
}
