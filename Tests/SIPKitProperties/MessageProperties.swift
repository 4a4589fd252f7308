import SIPKit

/// The table lies inside the message and in order, every value is read, and an edited message is as long as it says.
func examineMessage(_ bytes: [UInt8]) throws(BrokenProperty) {
    var index = MessageIndex()
    do { try index.parse(bytes.span) } catch { return }
    try demand(
        index.headersStart <= index.headersEnd && index.headersEnd <= index.bodyStart && index.bodyStart <= index.end
            && index.end == bytes.count, "the parts of a message follow one another")
    var place = index.headersStart
    for slot in index.slots {
        try demand(
            slot.name.start >= place && slot.name.end < slot.value.end + 1 && slot.value.end <= index.headersEnd,
            "header lines follow one another inside the headers")
        place = slot.value.end
        try examineHeader(slot.id, bytes.span.copy(slot.value))
    }
    var core = CoreHeaders()
    let verdict = MessageSanity.examine(bytes.span, index, into: &core)
    if verdict == nil {
        try demand(!core.callID.isEmpty && !core.via.host.isEmpty, "a message in order has its core headers")
    }
    if index.isRequest, let uri = try? SIPURI(parsing: bytes.span, index.requestURI) { try examine(uri) }
    try examineEdits(bytes, index)
    guard let message = try? SIPMessage(parsing: bytes) else {
        throw BrokenProperty(description: "parsed once, parsed twice")
    }
    try demand(message.body.end <= bytes.count, "the body is inside")
    if let sdp = message.body("application", "sdp") { try examineSDP(Array(message[sdp])) }
}

/// Takes out every other header line and puts something before the rest.
private func examineEdits(_ bytes: [UInt8], _ index: borrowing MessageIndex) throws(BrokenProperty) {
    var edits = MessageEdits()
    for (place, slot) in index.slots.enumerated().prefix(40) {
        if place % 2 == 0 {
            edits.remove(index.lineRange(place))
        } else {
            edits.insert(at: slot.name.start) { output in output += Array("X-New: 1\r\n".utf8) }
        }
    }
    let edited = edits.apply(to: bytes)
    try demand(edited.count == edits.length(of: bytes.count), "an edited message is as long as it says")
    let plain = MessageEdits().apply(to: bytes)
    try demand(plain == bytes, "a message without edits leaves as it came")
    var again = MessageIndex()
    if (try? again.parse(edited.span)) == nil { throw BrokenProperty(description: "an edited message is read again") }
}
