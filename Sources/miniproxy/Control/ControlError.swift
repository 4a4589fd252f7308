/// Why a command could not be carried out: a number as SER's FIFO has it, or one of JSON-RPC's, and a sentence.
struct ControlError: Error, Equatable {
    let code: Int
    let message: String

    init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: StoreError) { self.init(500, error.text) }

    static let unknownMethod = -32601
    static let badRequest = -32600
    static let badJSON = -32700
    static let badParameters = -32602

    var json: JSONValue { .object(["code": .integer(self.code), "message": .text(self.message)]) }
}
