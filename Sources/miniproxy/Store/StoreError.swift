/// What went wrong with a database, for the log and for whoever decides what to answer.
struct StoreError: Error, Equatable, CustomStringConvertible {
    enum Kind: Sendable {
        /// It is down, locked, too slow, or speaks another language: the same may work later.
        case unreachable
        /// The disk is full or broken: nothing can be written now.
        case full
        /// It refused this statement: the same will be refused again.
        case refused
        /// The location, a table or a column is not what is needed; somebody has to do something.
        case misconfigured
    }

    let kind: Kind
    let text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    var description: String { self.text }
}
