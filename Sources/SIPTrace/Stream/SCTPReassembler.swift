import SIPKit

/// User messages out of SCTP DATA chunks (RFC 9260 §3.3.1): several in a packet, or one over several packets.
struct SCTPReassembler {
    struct Key: Hashable {
        var source: SocketAddress
        var destination: SocketAddress
    }

    private struct Piece {
        var begins: Bool
        var ends: Bool
        var bytes: [UInt8]
    }

    private struct Association {
        var pieces: [UInt32: Piece] = [:]
        /// The last numbers that were delivered: chunks that come again are not shown again.
        var delivered: [UInt32] = []
    }

    static let maximumAssociations = 4096
    static let maximumPieces = 256

    private var associations: [Key: Association] = [:]

    /// Takes the chunks of one packet, without the common header.
    ///
    /// - Returns: the messages that are whole now, in order; `nil` when the chunks do not fit their packet.
    mutating func take(_ chunks: Span<UInt8>, _ key: Key) -> [[UInt8]]? {
        var messages: [[UInt8]] = []
        var at = 0
        while at + 4 <= chunks.count {
            let length = chunks.u16(at + 2)
            guard length >= 4 else { return messages.isEmpty ? nil : messages }
            let end = Swift.min(at + length, chunks.count)
            if chunks.u8(at) == 0, end - at > 16 {
                let flags = chunks.u8(at + 1)
                let piece = Piece(
                    begins: flags & 2 != 0, ends: flags & 1 != 0, bytes: chunks.copy(.init(at + 16, end)))
                if let message = self.add(piece, chunks.u32(at + 4), key) { messages.append(message) }
            }
            at += (length + 3) & ~3
        }
        return messages
    }

    private mutating func add(_ piece: Piece, _ number: UInt32, _ key: Key) -> [UInt8]? {
        if self.associations.count >= Self.maximumAssociations, self.associations[key] == nil {
            self.associations.removeAll(keepingCapacity: true)
        }
        return Self.add(piece, number, to: &self.associations[key, default: Association()])
    }

    private static func add(_ piece: Piece, _ number: UInt32, to association: inout Association) -> [UInt8]? {
        guard !association.delivered.contains(number) else { return nil }
        if piece.begins && piece.ends {
            Self.remember(number, in: &association)
            return piece.bytes
        }
        if association.pieces.count >= Self.maximumPieces { association.pieces.removeAll() }
        association.pieces[number] = piece
        var first = number
        while let found = association.pieces[first], !found.begins { first &-= 1 }
        guard association.pieces[first] != nil else { return nil }
        var message: [UInt8] = []
        var last = first
        while let found = association.pieces[last] {
            message += found.bytes
            if found.ends {
                var used = first
                while true {
                    association.pieces[used] = nil
                    Self.remember(used, in: &association)
                    if used == last { return message }
                    used &+= 1
                }
            }
            last &+= 1
        }
        return nil
    }

    private static func remember(_ number: UInt32, in association: inout Association) {
        if association.delivered.count >= 64 { association.delivered.removeFirst(32) }
        association.delivered.append(number)
    }
}
