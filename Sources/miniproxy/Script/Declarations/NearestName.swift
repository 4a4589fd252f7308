/// "Did you mean": the known name that is closest to a misspelt one.
enum NearestName {
    /// The nearest of the candidates, if it is near enough to be meant: about one slip in three letters.
    static func of(_ written: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(written.lowercased().utf8.prefix(64))
        let limit = max(1, word.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().utf8)
            // A name that goes on where the other stops is a good guess, too: `avp_push`, `avp_pushto`.
            let isPrefix = word.count >= 4 && (letters.starts(with: word) || word.starts(with: letters))
            // The difference in length is inserted or left out at least.
            guard isPrefix || abs(letters.count - word.count) <= limit else { continue }
            let distance = isPrefix ? 1 : Self.distance(word, letters)
            guard distance <= limit else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Letters to insert, to leave out, to change or to exchange with the neighbour.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var older = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = older
        for row in 1...left.count {
            current[0] = row
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                current[column] = min(
                    previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    current[column] = min(current[column], older[column - 2] + 1)
                }
            }
            swap(&older, &previous)
            swap(&previous, &current)
        }
        return previous[right.count]
    }
}
