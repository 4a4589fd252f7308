import SIPKit

/// Makes a damaged request out of a good one. The same numbers give the same damage.
enum Mutator {
    enum Kind: String, CaseIterable, Sendable {
        /// One byte after another, as the original: damage adds up.
        case byte
        /// A word is replaced by one that parsers stumble over.
        case token
        /// Lines and their order: missing, double, folded, endless.
        case structure
        /// The kinds of messages that RFC 4475 collects.
        case rfc4475
    }

    struct Damage: Equatable, Sendable {
        var bytes: [UInt8]
        /// What was done, for people.
        var what: String
        /// The byte that was overwritten, where it is one.
        var place: Int?
    }

    static func damage(_ message: [UInt8], _ kind: Kind, _ ids: inout Identifiers) -> Damage {
        switch kind {
        case .byte: self.byte(message, &ids)
        case .token: TokenMutation.apply(to: message, &ids)
        case .structure:
            StructureMutation.allCases[ids.below(StructureMutation.allCases.count)].apply(to: message, &ids)
        case .rfc4475: TortureMutation.allCases[ids.below(TortureMutation.allCases.count)].apply(to: message, &ids)
        }
    }

    private static func byte(_ message: [UInt8], _ ids: inout Identifiers) -> Damage {
        var bytes = message
        let place = ids.below(bytes.count)
        bytes[place] = UInt8.random(in: 0...255, using: &ids)
        return Damage(bytes: bytes, what: "byte \(place)", place: place)
    }
}

extension Identifiers {
    /// A number from 0 to below `limit`.
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<Swift.max(1, limit), using: &self) }
}
