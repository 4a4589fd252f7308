import SIPKit

/// Whether a text stands somewhere in bytes, without regard to the case of ASCII letters.
enum ByteSearch {
    static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = text.utf8.map { ASCII.lowercased($0) }
        guard bytes.count >= wanted.count, let first = wanted.first else { return wanted.isEmpty }
        for start in 0...bytes.count - wanted.count where ASCII.lowercased(bytes[start]) == first {
            var at = 1
            while at < wanted.count, ASCII.lowercased(bytes[start + at]) == wanted[at] { at += 1 }
            if at == wanted.count { return true }
        }
        return false
    }
}
