import SIPKit

/// A request of which thousands are sent: its bytes, and the places of the few digits that differ from one to the next.
///
/// Every message of a run has the same length, so nothing is built or moved: 16 hexadecimal digits in the branch, the
/// Call-ID and the From tag are written over. They are the number of the request, so an answer names its request.
struct LoadTemplate: Sendable {
    /// What stands in front of the digits in the branch: the cookie and eight digits of this run's own.
    let prefix: [UInt8]
    let bytes: [UInt8]
    private let places: [Int]
    static let digits = 16

    init(_ draft: Draft, ids: inout Identifiers) {
        let run = ids.hex(8)
        let mark = String(repeating: "0", count: Self.digits)
        var draft = draft
        draft.replaceTopBranch("z9hG4bK\(run)\(mark)")
        draft.set(.callID, "\(run)\(mark)")
        draft.replaceFromTag("\(run)\(mark)")
        self.prefix = Array("z9hG4bK\(run)".utf8)
        self.bytes = draft.bytes()
        let wanted = Array("\(run)\(mark)".utf8)
        var places: [Int] = []
        var at = 0
        while at + wanted.count <= self.bytes.count {
            if self.bytes[at] == wanted[0], self.bytes[at..<(at + wanted.count)].elementsEqual(wanted) {
                places.append(at + run.utf8.count)
                at += wanted.count
            } else {
                at += 1
            }
        }
        self.places = places
    }

    /// Writes a request's number over the digits of a copy of ``bytes``.
    @inline(__always)
    func number(_ number: UInt64, in message: UnsafeMutablePointer<UInt8>) {
        for place in self.places {
            var rest = number
            var at = Self.digits - 1
            while at >= 0 {
                unsafe message[place &+ at] = ASCII.hexDigit(UInt8(truncatingIfNeeded: rest))
                rest >>= 4
                at &-= 1
            }
        }
    }

    /// The number of the request that a response answers, and its status code; `nil` for anything that is not ours.
    ///
    /// Only the start line and the branch are looked at: the branch alone names a transaction of ours (RFC 3261 §17.1.3).
    @inline(__always)
    func match(_ response: UnsafeBufferPointer<UInt8>) -> (number: UInt64, code: Int)? {
        guard response.count > 40, let base = response.baseAddress else { return nil }
        guard base[0] == 0x53, base[7] == ASCII.space else { return nil }
        let hundred = base[8] &- 0x30
        guard hundred < 7, ASCII.isDigit(base[9]), ASCII.isDigit(base[10]) else { return nil }
        let code = Int(hundred) &* 100 &+ Int(base[9] &- 0x30) &* 10 &+ Int(base[10] &- 0x30)
        let needed = self.prefix.count &+ Self.digits
        guard response.count > needed else { return nil }
        let limit = Swift.min(response.count &- needed, 4096)
        return self.prefix.withUnsafeBufferPointer { prefix -> (UInt64, Int)? in
            var at = 12
            while at < limit {
                // The cookie's `z` is rare enough to be looked for alone.
                if base[at] == 0x7A {
                    var same = 1
                    while same < prefix.count, base[at &+ same] == prefix[same] { same &+= 1 }
                    if same == prefix.count {
                        var number: UInt64 = 0
                        for digit in 0..<Self.digits {
                            guard let value = ASCII.hexValue(base[at &+ prefix.count &+ digit]) else { return nil }
                            number = number << 4 | UInt64(value)
                        }
                        return (number, code)
                    }
                }
                at &+= 1
            }
            return nil
        }
    }
}
