import SIPKit

/// Users' call processing scripts, stored, shown and removed by hand (CPL.md §6).
extension Administration {
    static let cplMethods:
        [String: (words: String, run: @Sendable (Administration, Parameters) throws(ControlError) -> JSONValue)] = [
            "cpl.load": ("USER SCRIPT", { (me, words) throws(ControlError) in try me.storeScript(words[0], words[1]) }),
            "cpl.remove": ("USER", { (me, words) throws(ControlError) in try me.removeScript(words[0]) }),
            "cpl.get": ("USER", { (me, words) throws(ControlError) in try me.script(of: words[0]) }),
        ]

    private func scripts() throws(ControlError) -> CPLTable {
        let columns: [String: Int?]?
        do throws(StoreError) {
            columns = try self.store.columns(of: self.cpl.table)
        } catch {
            throw ControlError(error)
        }
        guard let columns, let table = CPLTable(self.cpl, columns: Set(columns.keys.map { Array($0.utf8) })) else {
            throw ControlError(
                404,
                "there is no table \(Printable.text(self.cpl.table)) for call processing scripts; make it with: miniproxy db create"
            )
        }
        return table
    }

    private func owner(_ name: String) throws(ControlError) -> CPLTable.Owner {
        let owner = CPLTable.Owner(named: Array((name.hasPrefix("sip:") ? String(name.dropFirst(4)) : name).utf8))
        guard !owner.user.isEmpty else { throw ControlError(400, "a user has a name") }
        if self.cpl.useDomain, owner.domain.isEmpty {
            throw ControlError(400, "this proxy keeps domains apart (use_domain of cpl-c): say \(name)@DOMAIN")
        }
        return owner
    }

    private func storeScript(_ name: String, _ text: String) throws(ControlError) -> JSONValue {
        let owner = try self.owner(name)
        do throws(CPLError) {
            _ = try CPLReader.read(Array(text.utf8))
        } catch {
            throw ControlError(400, "the script was refused: \(error)")
        }
        _ = try self.perform(try self.scripts().store(Array(text.utf8), of: owner))
        return .text("OK")
    }

    private func removeScript(_ name: String) throws(ControlError) -> JSONValue {
        guard try self.perform([try self.scripts().remove(try self.owner(name))]) > 0 else {
            throw ControlError(404, "\(name) has no script")
        }
        return .text("OK")
    }

    private func script(of name: String) throws(ControlError) -> JSONValue {
        let found = try self.query(try self.scripts().load(try self.owner(name)))
        guard let text = found.texts.first?.first, !text.isEmpty else {
            throw ControlError(404, "\(name) has no script")
        }
        return .text(String(decoding: text, as: UTF8.self))
    }
}
