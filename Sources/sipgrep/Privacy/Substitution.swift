import Crypto
import SIPKit

/// Replacements under a key: equal things become equal, and nobody gets back without the key.
struct Substitution {
    private let key: SymmetricKey

    init(key: String?) {
        guard let key else {
            self.key = SymmetricKey(size: .bits256)
            return
        }
        self.key = SymmetricKey(data: SHA256.hash(data: Array(key.utf8)))
    }

    private func digest(_ kind: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: [kind] + bytes, using: self.key))
    }

    /// A name in the same shape: letters for letters, digits for digits, in the same case.
    func name(_ word: ArraySlice<UInt8>) -> [UInt8] {
        self.shaped(word, self.digest(1, word.map { ASCII.lowercased($0) }))
    }

    /// Free text; equal words need not stay equal.
    func text(_ text: ArraySlice<UInt8>) -> [UInt8] { self.shaped(text, self.digest(2, Array(text))) }

    private func shaped(_ text: ArraySlice<UInt8>, _ first: [UInt8]) -> [UInt8] {
        var stream = first
        var at = 0
        return text.map { byte in
            if at == stream.count {
                stream = self.digest(3, stream)
                at = 0
            }
            let random = stream[at]
            switch byte {
            case 0x30...0x39:
                at += 1
                return 0x30 + random % 10
            case 0x41...0x5A:
                at += 1
                return 0x41 + random % 26
            case 0x61...0x7A:
                at += 1
                return 0x61 + random % 26
            case 0x80...:
                at += 1
                return 0x61 + random % 26
            default: return byte
            }
        }
    }

    /// Another address of the same family; those with a common beginning keep it in common. Loopback, "any" and multicast
    /// stay what they are: they tell about the set-up and about nobody.
    func address(_ ip: IPAddress) -> IPAddress {
        guard !ip.isLoopback, !ip.isAny, !ip.isMulticast, !ip.isBroadcast else { return ip }
        if ip.family == .v4 {
            var result: UInt32 = 0
            var prefix: [UInt8] = []
            for shift in [24, 16, 8, 0] as [UInt64] {
                let octet = UInt8(truncatingIfNeeded: ip.low >> shift)
                result = result << 8 | UInt32(self.octet(octet, after: prefix))
                prefix.append(octet)
            }
            return IPAddress(v4: result)
        }
        var halves: [UInt64] = []
        var prefix: [UInt8] = []
        for half in [ip.high, ip.low] {
            var result: UInt64 = 0
            for shift in stride(from: 60, through: 0, by: -4) {
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(shift)) & 15
                // The first two keep the kind of address: global, link-local, private.
                let mask = prefix.count < 3 || nibble == 0 && half == 0 ? 0 : self.digest(5, prefix)[0] & 15
                result = result << 4 | UInt64(nibble ^ mask)
                prefix.append(nibble)
            }
            halves.append(result)
        }
        return IPAddress(v6: halves[0], halves[1])
    }

    /// A permutation of the octets that have the same number of digits.
    private func octet(_ octet: UInt8, after prefix: [UInt8]) -> UInt8 {
        let (low, high): (UInt8, UInt8) = octet < 10 ? (0, 9) : octet < 100 ? (10, 99) : (100, 255)
        var order = Array(low...high)
        var stream = self.digest(4, prefix + [low])
        var at = 0
        for index in order.indices.reversed() where index > 0 {
            if at + 2 > stream.count {
                stream = self.digest(4, stream)
                at = 0
            }
            let random = Int(stream[at]) << 8 | Int(stream[at + 1])
            at += 2
            order.swapAt(index, random % (index + 1))
        }
        return order[Int(octet - low)]
    }
}
