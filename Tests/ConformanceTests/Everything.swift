import SIPKit

/// Reads everything that the library can read out of some bytes. It returns how many values were read, so that nothing
/// is optimized away; all it has to do is to come back.
enum Everything {
    @discardableResult
    static func read(_ bytes: [UInt8], _ index: inout MessageIndex) -> Int {
        guard (try? index.parse(bytes.span)) != nil else { return 0 }
        var core = CoreHeaders()
        var count = MessageSanity.examine(bytes.span, index, into: &core) == nil ? 1 : 0
        count += index.body(bytes.span).count & 1
        if (try? URIRanges(parsing: bytes.span, index.requestURI)) != nil { count += 1 }
        for slot in index.slots { count += Self.header(bytes, slot) }
        return count
    }

    static func header(_ bytes: [UInt8], _ slot: MessageIndex.Slot) -> Int {
        var cursor = ByteCursor(bytes.span, slot.value)
        switch slot.id {
        case .via: return Self.all(&cursor) { cursor throws(ParseError) in _ = try ViaRanges(parsing: &cursor) }
        case .from, .to, .contact, .route, .recordRoute:
            return Self.all(&cursor) { cursor throws(ParseError) in
                let address = try AddressRanges(parsing: &cursor)
                _ = try? SIPURI(parsing: cursor.bytes, address.uri)
                _ = address.parameter("q", in: cursor.bytes)
            }
        case .warning: return Self.all(&cursor) { cursor throws(ParseError) in _ = try Warning(parsing: &cursor) }
        default: return 0
        }
    }

    private static func all(_ cursor: inout ByteCursor, _ read: (inout ByteCursor) throws(ParseError) -> Void) -> Int {
        var count = 0
        do {
            while !cursor.isAtEnd {
                try read(&cursor)
                count += 1
            }
        } catch {}
        return count
    }
}
