import SIPKit

/// `s:name`, `i:number`, `$alias`, a bare name; `/g` behind it for all of that name.
struct AttributeName {
    let name: AttributeList.Name
    let meansAll: Bool

    init(_ text: [UInt8]) {
        var text = text[...]
        self.meansAll = text.suffix(2).elementsEqual("/g".utf8)
        if self.meansAll { text = text.dropLast(2) }
        // `$avp(s:name)`, as modern scripts write it.
        if text.starts(with: "$avp(".utf8), text.last == ASCII.closeParen { text = text.dropFirst(5).dropLast() }
        let rest = Array(text.dropFirst(2))
        if text.prefix(2).elementsEqual("i:".utf8),
            let number = ASCII.number(rest.span, ByteRange(0, rest.count), limit: UInt64(UInt32.max))
        {
            self.name = .number(Int(number))
        } else if text.prefix(2).elementsEqual("s:".utf8) {
            self.name = .text(rest)
        } else {
            self.name = .text(Array(text.first == UInt8(ascii: "$") ? text.dropFirst() : text))
        }
    }
}
