/// `ctl cpl load USER FILE | show USER | rm USER`.
extension ControlWords {
    func callProcessing(_ rest: [String]) throws(ControlError) {
        switch (rest.first, rest.count) {
        case ("load", 3), ("add", 3):
            let text: String
            do {
                text = String(decoding: try ScriptFile.read(rest[2]).bytes, as: UTF8.self)
            } catch {
                throw ControlError(404, "\(error)")
            }
            try self.show("cpl.load", [rest[1], text], Self.sentence)
        case ("show", 2), ("get", 2): try self.show("cpl.get", [rest[1]], { $0.plainText ?? "" })
        case ("rm", 2), ("remove", 2): try self.show("cpl.remove", [rest[1]], Self.sentence)
        default: throw ControlError(400, "cpl load USER FILE | show USER | rm USER")
        }
    }
}
