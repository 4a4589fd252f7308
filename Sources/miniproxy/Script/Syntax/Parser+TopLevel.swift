/// The items of a file (LANGUAGE.md §2).
extension Parser {
    static let blockWords: [String: BlockKind] = [
        "route": .request, "request_route": .request, "onreply_route": .onReply, "reply_route": .onReply,
        "failure_route": .failure, "branch_route": .branch, "onsend_route": .onSend, "error_route": .error,
        "event_route": .event,
    ]

    /// Whether a block of the top level begins here: `route {`, `route[1]`. `route(1)` is a call.
    var startsBlock: Bool {
        guard let word = self.token.word, Self.blockWords[word] != nil else { return false }
        return self.peek().isSign(.openBrace) || self.peek().isSign(.openBracket)
    }

    mutating func script() -> SyntaxScript {
        var script = SyntaxScript()
        while true {
            self.skipCallouts()
            if self.isAtEnd { return script }
            if self.take(.semicolon) != nil { continue }
            let before = self.at
            if let item = self.item() { script.items.append(item) }
            // Whatever happens above, every round takes something.
            if self.at == before { self.advance() }
        }
    }

    private mutating func item() -> SyntaxItem? {
        if self.startsBlock { return self.block().map(SyntaxItem.block) }
        switch self.token.word {
        case "loadmodule"?: return self.loadModule()
        case "modparam"? where self.peek().isSign(.openParen): return self.moduleParameter()
        case "loadpath"?, "mpath"?:
            // Modules are found by their names alone.
            self.advance()
            _ = self.take(.assign)
            if self.takeString() == nil { self.expectString("behind `loadpath`") }
            return nil
        case "loadmodulex"?: return self.loadModule()
        case .some where self.peek().isSign(.assign): return self.global().map(SyntaxItem.global)
        case .some where self.peek().isSign(.dot) && self.peek(2).word != nil && self.peek(3).isSign(.assign):
            return self.customGlobal()
        case "include_file"?, "import_file"?:
            self.diagnostics.error(
                .include, at: self.token.range, "`\(self.token.word ?? "")` begins with `#!` at the start of a line")
            self.advance()
            _ = self.takeString()
            return nil
        case .some(let word) where Self.blockWords[word] != nil && !self.peek().isSign(.openParen):
            self.diagnostics.error(
                .unexpected, at: self.peek().range,
                "`{` or `[` expected behind `\(word)`, found \(self.peek().description)")
            self.advance()
            self.recover()
            return nil
        default:
            self.strayStatements()
            return nil
        }
    }

    private mutating func expectString(_ place: String) {
        self.diagnostics.error(
            .unexpected, at: self.token.range, "a string expected \(place), found \(self.token.description)")
    }

    private mutating func loadModule() -> SyntaxItem? {
        let word = self.advance().range
        let hasParenthesis = self.take(.openParen) != nil
        guard let path = self.takeString() else {
            self.expectString("behind `loadmodule`")
            return nil
        }
        if self.take(.comma) != nil { _ = self.takeString() }
        if hasParenthesis { self.expect(.closeParen, "behind the module's name") }
        return .loadModule(path: path, range: word.through(path.range))
    }

    private mutating func moduleParameter() -> SyntaxItem? {
        let word = self.advance().range
        self.expect(.openParen, "behind `modparam`")
        guard let module = self.takeString() else { return self.failedParameter("the module's name") }
        guard self.expect(.comma, "behind the module's name") else { return self.failedParameter(nil) }
        guard let name = self.takeString() else { return self.failedParameter("the parameter's name") }
        guard self.expect(.comma, "behind the parameter's name") else { return self.failedParameter(nil) }
        guard let value = self.value() else { return self.failedParameter("the value") }
        if !self.expect(.closeParen, "behind the value") { return self.failedParameter(nil) }
        return .moduleParameter(
            SyntaxModuleParameter(module: module, name: name, value: value, range: word.through(value.range)))
    }

    private mutating func failedParameter(_ what: String?) -> SyntaxItem? {
        if let what {
            self.diagnostics.error(
                .unexpected, at: self.token.range, "\(what) expected in `modparam`, found \(self.token.description)")
        }
        while !self.isAtEnd, !self.token.isSign(.closeParen), !self.token.isSign(.semicolon), !self.startsBlock,
            !self.token.isWord("modparam"), !self.token.isWord("loadmodule")
        {
            self.advance()
        }
        _ = self.take(.closeParen)
        return nil
    }

    /// A string, a number with its sign, or a word such as `yes`, `LOG_DAEMON`, `udp:192.0.2.1:5060`.
    mutating func value() -> SyntaxArgument? {
        if let text = self.takeString() { return SyntaxArgument(value: .string(text.bytes), range: text.range) }
        if case .variable(let name) = self.token.kind {
            return SyntaxArgument(value: .variable(name), range: self.advance().range)
        }
        if self.token.isSign(.minus) || self.token.isSign(.plus), case .number(let number) = self.peek().kind {
            let sign = self.advance()
            let range = sign.range.through(self.advance().range)
            return SyntaxArgument(value: .number(sign.isSign(.minus) ? -number : number), range: range)
        }
        return self.takeWord()
    }

    private mutating func global() -> SyntaxGlobal? {
        let word = self.advance()
        self.advance()
        let name = SyntaxText(bytes: Array((word.word ?? "").utf8), range: word.range)
        guard let first = self.value() else {
            self.diagnostics.error(
                .badValue, at: self.token.range,
                "a value expected for `\(word.word ?? "")`, found \(self.token.description)")
            return nil
        }
        var values = [first]
        // Lists end where the next item begins; only these two have lists.
        if word.isWord("listen") || word.isWord("alias") {
            while !self.startsItem, let more = self.value() { values.append(more) }
        }
        return SyntaxGlobal(name: name, values: values)
    }

    private var startsItem: Bool {
        if case .number = self.token.kind { return self.peek().word.map { Self.blockWords[$0] != nil } ?? false }
        guard let word = self.token.word else { return true }
        return self.startsBlock || word == "loadmodule" || word == "modparam" || self.peek().isSign(.assign)
            || (self.peek().isSign(.dot) && self.peek(3).isSign(.assign))
    }

    /// `group.name = value desc "text"`.
    private mutating func customGlobal() -> SyntaxItem? {
        self.usesModernWords = true
        let range = self.advance().range
        self.advance()
        let whole = range.through(self.advance().range)
        self.advance()
        guard let value = self.value() else { return nil }
        if self.take(word: "desc") != nil, self.takeString() == nil { self.expectString("behind `desc`") }
        let name = SyntaxText(bytes: Array(self.sources.text(whole).utf8), range: whole)
        return .global(SyntaxGlobal(name: name, values: [value]))
    }

    // MARK: Blocks

    private mutating func block() -> SyntaxBlock? {
        let word = self.advance()
        let keyword = word.word ?? ""
        guard let kind = Self.blockWords[keyword] else { return nil }
        if keyword == "request_route" || keyword == "reply_route" { self.usesModernWords = true }
        var name = ""
        var head = word.range
        if let open = self.take(.openBracket) {
            let start = self.token.range
            while !self.isAtEnd, !self.token.isSign(.closeBracket), !self.token.isSign(.openBrace) { self.advance() }
            let text = self.sources.text(SourceRange(file: Int(start.file), start.start, self.token.range.start))
            name = text.split { $0 == " " || $0 == "\t" || $0 == "\"" }.joined()
            if name.isEmpty {
                self.diagnostics.error(.unexpected, at: open, "a number or a name expected in `\(keyword)[…]`")
            } else if name.contains(where: { !$0.isNumber }) {
                self.usesModernWords = true
            }
            // `route[0]` is `route`.
            if name == "0", kind == .request { name = "" }
            head = head.through(self.token.range)
            self.expect(.closeBracket, "behind the block's name")
        }
        guard let open = self.take(.openBrace) else {
            self.expect(.openBrace, "before the block's statements")
            return nil
        }
        let body = self.statements(in: open, owner: self.sources.text(head))
        let block = SyntaxBlock(
            kind: kind, name: name, head: head, open: open, close: body.close, body: body.statements)
        self.lastBlock = block
        return block
    }

    /// What stands where only blocks and settings may: read as statements, so that its own mistakes are told as well.
    private mutating func strayStatements() {
        let range = self.token.range
        if let ellipsis = self.ellipsis() {
            self.diagnostics.error(
                .ellipsis, at: ellipsis, "`...` is not a statement; the listing leaves something out here")
            return
        }
        if let block = self.lastBlock, !block.close.isEmpty {
            self.diagnostics.error(
                .outsideOfBlock, at: range,
                "\(self.token.isSign(.closeBrace) ? "a `}` too many" : "statement") outside of any route block; "
                    + "`\(self.sources.text(block.head))` opened at \(self.sources.place(block.head)) was closed by the "
                    + "`}` at \(self.sources.place(block.close))")
        } else {
            self.diagnostics.error(
                .outsideOfBlock, at: range, "\(self.token.description) outside of any route block",
                help: "statements stand in `route { … }`; settings are `name = value`")
        }
        while !self.isAtEnd, !self.startsBlock, !self.token.isWord("loadmodule"), !self.token.isWord("modparam") {
            self.skipCallouts()
            if self.take(.closeBrace) != nil || self.take(.semicolon) != nil { continue }
            if self.isAtEnd || self.startsBlock { break }
            let before = self.at
            _ = self.statement()
            if self.at == before { self.advance() }
        }
    }
}

extension SourceRange {
    var isEmpty: Bool { self.upper <= self.lower }
}
