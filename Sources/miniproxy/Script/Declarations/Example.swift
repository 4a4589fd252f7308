/// One use of a function: a paragraph of its manual and a test.
struct Example: Sendable {
    /// What the example shows, to be read behind the function's name.
    let sentence: String
    /// The call as in a script.
    let call: String
    let message: Message
    let verdict: FunctionResult
    /// Header values afterwards; `nil` for a header that must be gone.
    let leaves: [(name: String, value: String?)]
    /// The Request-URI afterwards, where the example is about it.
    let requestURI: String?
    /// The kind of block that the call stands in.
    let block: BlockKind

    init(
        _ sentence: String, _ call: String, on message: Message, gives verdict: FunctionResult,
        leaves: KeyValuePairs<String, String?> = [:], requestURI: String? = nil, in block: BlockKind = .request
    ) {
        self.sentence = sentence
        self.call = call
        self.message = message
        self.verdict = verdict
        self.leaves = leaves.map { ($0.key, $0.value) }
        self.requestURI = requestURI
        self.block = block
    }

    /// The message that the example is about; what it does not say is made up.
    struct Message: Sendable {
        var method = "INVITE"
        var uri = "sip:bob@example.org"
        var status: Int?
        var headers: [(name: String, value: String)] = []
        var body = ""

        static func request(
            _ headers: KeyValuePairs<String, String> = [:], method: String = "INVITE",
            uri: String = "sip:bob@example.org", body: String = ""
        ) -> Message {
            Message(method: method, uri: uri, headers: headers.map { ($0.key, $0.value) }, body: body)
        }

        static func reply(
            _ status: Int, _ headers: KeyValuePairs<String, String> = [:], body: String = ""
        ) -> Message {
            Message(status: status, headers: headers.map { ($0.key, $0.value) }, body: body)
        }
    }
}
