import SIPKit

/// JSON-RPC 2.0: one request or a batch, and what is answered.
struct JSONRPC {
    let methods: ControlMethods

    /// - Returns: `nil` where nothing is to be answered: notifications.
    func answer(_ bytes: [UInt8]) -> JSONValue? {
        let request: JSONValue
        do throws(ParseError) {
            request = try JSONReader.value(bytes)
        } catch {
            return Self.failure(.null, ControlError(ControlError.badJSON, "\(error)"))
        }
        guard let batch = request.elements else { return self.answer(to: request) }
        guard !batch.isEmpty else {
            return Self.failure(.null, ControlError(ControlError.badRequest, "an empty batch"))
        }
        let answers = batch.compactMap(self.answer(to:))
        return answers.isEmpty ? nil : .array(answers)
    }

    private func answer(to request: JSONValue) -> JSONValue? {
        let id = request["id"]
        guard let method = request["method"], case .text(let name) = method else {
            return Self.failure(id ?? .null, ControlError(ControlError.badRequest, "a request has a method"))
        }
        do throws(ControlError) {
            let result = try self.methods.run(name, try Self.words(request["params"]))
            return id.map { .object(["jsonrpc": .text("2.0"), "result": result, "id": $0]) }
        } catch {
            return id.map { Self.failure($0, error) }
        }
    }

    /// Parameters in order; those with names are taken in the order in which they stand.
    private static func words(_ parameters: JSONValue?) throws(ControlError) -> [String] {
        let values: [JSONValue]
        switch parameters {
        case nil, .null: values = []
        case .array(let elements): values = elements
        case .object(let members): values = members.map(\.value)
        default: throw ControlError(ControlError.badParameters, "parameters are an array")
        }
        var words: [String] = []
        for value in values {
            guard let text = value.plainText else {
                throw ControlError(ControlError.badParameters, "a parameter is a text or a number")
            }
            words.append(text)
        }
        return words
    }

    private static func failure(_ id: JSONValue, _ error: ControlError) -> JSONValue {
        .object(["jsonrpc": .text("2.0"), "error": error.json, "id": id])
    }
}
