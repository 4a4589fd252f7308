import SIPKit

/// Changes inside single header values.
extension Draft {
    /// The branch of the topmost Via; empty where there is none.
    var topBranch: [UInt8] {
        guard let value = self.value(.via) else { return [] }
        var cursor = ByteCursor(value.span)
        guard let via = try? ViaRanges(parsing: &cursor) else { return [] }
        return value.span.copy(via.branch)
    }

    /// Gives the topmost Via another branch; a Via without one gets it.
    mutating func replaceTopBranch(_ branch: String) {
        guard let value = self.value(.via) else { return }
        var cursor = ByteCursor(value.span)
        guard let via = try? ViaRanges(parsing: &cursor) else { return }
        var changed = value
        if via.branch.isEmpty {
            changed.insert(contentsOf: Array(";branch=\(branch)".utf8), at: via.whole.end)
        } else {
            changed.replaceSubrange(via.branch.indices, with: Array(branch.utf8))
        }
        self.set(.via, String(decoding: changed, as: UTF8.self))
    }

    mutating func replaceFromTag(_ tag: String) {
        guard let value = self.value(.from) else { return }
        var cursor = ByteCursor(value.span)
        guard let from = try? AddressRanges(parsing: &cursor), !from.tag.isEmpty else { return }
        var changed = value
        changed.replaceSubrange(from.tag.indices, with: Array(tag.utf8))
        self.set(.from, String(decoding: changed, as: UTF8.self))
    }

    /// Fills `$name$` marks, in any case, everywhere in the message. What was put in is not looked at again, so that a
    /// value that holds its own mark cannot go on for ever.
    mutating func fill(_ marks: [MarkReplacement]) {
        guard !marks.isEmpty else { return }
        self = Draft(text: Self.filled(self.bytes(), marks))
    }

    static func filled(_ text: [UInt8], _ marks: [MarkReplacement]) -> [UInt8] {
        let dollar: UInt8 = 0x24
        let names = marks.map { (Array("$\($0.name)$".utf8), Array($0.value.utf8)) }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            if text[at] == dollar,
                let (name, value) = names.first(where: { name, _ in
                    at + name.count <= text.count && Array(text[at..<(at + name.count)]).equalsIgnoringCase(name)
                })
            {
                output += value
                at += name.count
            } else {
                output.append(text[at])
                at += 1
            }
        }
        return output
    }
}
