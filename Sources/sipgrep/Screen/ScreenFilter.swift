import SIPKit
import SIPTrace

/// Which calls the list shows: texts that parts of a call must contain, and an expression that a message must satisfy.
struct ScreenFilter {
    static let names = ["From", "To", "Source", "Destination", "Payload", "Methods", "Expression"]
    var texts = [String](repeating: "", count: ScreenFilter.names.count)
    private var expression: MessageFilter?

    var isEmpty: Bool { self.texts.allSatisfy(\.isEmpty) }

    /// Reads the expression; answers with what is wrong with it.
    mutating func compile() -> String? {
        self.expression = nil
        guard !self.texts[6].isEmpty else { return nil }
        do {
            self.expression = try FilterParser.parse(self.texts[6])
            return nil
        } catch {
            return "\(error.reason), at \(error.offset + 1)"
        }
    }

    var summary: String {
        zip(Self.names, self.texts).filter { !$0.1.isEmpty }.map { "\($0.0.lowercased()) \($0.1)" }.joined(
            separator: ", ")
    }

    func accepts(_ call: Int, _ store: CallStore) -> Bool {
        guard !self.isEmpty else { return true }
        let record = store.record(call)
        let ends = [store.from(call), store.to(call), "\(record.source)", "\(record.destination)"]
        for (text, value) in zip(self.texts, ends) where !text.isEmpty {
            guard ByteSearch.contains(Array(value.utf8), text) else { return false }
        }
        if !self.texts[5].isEmpty {
            let wanted = self.texts[5].split { $0 == "," || $0 == " " }.map { $0.uppercased() }
            guard wanted.contains("\(record.method.name)") else { return false }
        }
        if !self.texts[4].isEmpty {
            guard
                store.calls[call].messages.contains(where: {
                    ByteSearch.contains(store.messages[$0].bytes, self.texts[4])
                })
            else { return false }
        }
        guard let expression = self.expression else { return true }
        var reading = MessageReading()
        return store.calls[call].messages.contains { index in
            let message = store.messages[index]
            reading.read(message.bytes.span)
            return expression.accepts(message.origin, message.bytes.span, reading)
        }
    }
}
