//! What the kinds of nodes of each grammar mean.

/// What a kind of node means here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Nothing by itself.
    #[default]
    Plain,
    /// A comment.
    Comment,
    /// A string, character or regular expression, with its quotes.
    Text,
    /// Text between tags, of which white space at the ends of lines means nothing.
    Markup,
    /// A statement that is documentation where a string is all of it.
    Remark,
    /// Tokens that a macro reads, of which the grammar tells nothing more.
    Opaque,
    /// A function with a name, which is its field `name`.
    Function,
    /// The same, unless it has no body.
    Method,
    /// A class, module or type with a name.
    Class,
    /// The same, unless it has no body.
    Module,
    /// The same where its value is a structure; in the field `type` or `value`.
    Alias,
    /// The methods of a type, which is the field `type`.
    Implementation,
    /// What binds a value, which may be a function, to a name: the fields of both.
    Binding(&'static str, &'static str),
    /// A function without a name of its own.
    Closure,
    /// A list or pair of brackets around a value, or a claim about its type.
    Wrapper,
    /// A call, with the fields `function` and `arguments`.
    Call,
    /// What may stand before a definition and belongs to it.
    Decorator,
    /// The type of a structure.
    Structure,
}

/// The kinds of a grammar that mean something.
pub(super) struct Rules {
    comments: &'static [&'static str],
    texts: &'static [&'static str],
    functions: &'static [&'static str],
    methods: &'static [&'static str],
    classes: &'static [&'static str],
    closures: &'static [&'static str],
    wrappers: &'static [&'static str],
    bindings: &'static [(&'static str, &'static str, &'static str)],
    others: &'static [(&'static str, Role)],
}

impl Rules {
    pub(super) fn role(&self, kind: &str) -> Role {
        let lists = [
            (self.comments, Role::Comment),
            (self.texts, Role::Text),
            (self.functions, Role::Function),
            (self.methods, Role::Method),
            (self.classes, Role::Class),
            (self.closures, Role::Closure),
            (self.wrappers, Role::Wrapper),
        ];
        let listed = lists.into_iter().find(|(kinds, _)| kinds.contains(&kind)).map(|(_, role)| role);
        let bound = || {
            let binding = self.bindings.iter().find(|(bound, ..)| *bound == kind);
            binding.map(|(_, name, value)| Role::Binding(name, value))
        };
        let other = || self.others.iter().find(|(other, _)| *other == kind).map(|(_, role)| *role);
        listed.or_else(bound).or_else(other).unwrap_or_default()
    }
}

const NONE: Rules = Rules {
    comments: &["comment"],
    texts: &[],
    functions: &[],
    methods: &[],
    classes: &[],
    closures: &[],
    wrappers: &["parenthesized_expression"],
    bindings: &[],
    others: &[],
};

pub(super) const PYTHON: Rules = Rules {
    texts: &["string"],
    functions: &["function_definition"],
    classes: &["class_definition"],
    others: &[("expression_statement", Role::Remark), ("decorator", Role::Decorator)],
    ..NONE
};

pub(super) const SCRIPT: Rules = Rules {
    comments: &["comment", "html_comment"],
    texts: &["string", "template_string", "template_literal_type", "regex", "hash_bang_line"],
    functions: &[
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "method_definition",
    ],
    classes: &[
        "class_declaration",
        "abstract_class_declaration",
        "class",
        "interface_declaration",
        "enum_declaration",
        "internal_module",
    ],
    closures: &["arrow_function"],
    wrappers: &[
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
    ],
    bindings: &[
        ("variable_declarator", "name", "value"),
        ("assignment_expression", "left", "right"),
        ("pair", "key", "value"),
        ("field_definition", "property", "value"),
        ("public_field_definition", "name", "value"),
    ],
    others: &[
        ("jsx_text", Role::Markup),
        ("call_expression", Role::Call),
        ("decorator", Role::Decorator),
        ("type_alias_declaration", Role::Alias),
        ("object_type", Role::Structure),
        ("module", Role::Module),
    ],
    ..NONE
};

pub(super) const GO: Rules = Rules {
    texts: &["interpreted_string_literal", "raw_string_literal", "rune_literal"],
    functions: &["function_declaration", "method_declaration"],
    closures: &["func_literal"],
    wrappers: &["expression_list", "literal_element", "parenthesized_expression"],
    bindings: &[
        ("short_var_declaration", "left", "right"),
        ("assignment_statement", "left", "right"),
        ("var_spec", "name", "value"),
        ("keyed_element", "key", "value"),
    ],
    others: &[("type_spec", Role::Alias), ("struct_type", Role::Structure), ("interface_type", Role::Structure)],
    ..NONE
};

pub(super) const JAVA: Rules = Rules {
    comments: &["line_comment", "block_comment"],
    texts: &["string_literal", "character_literal"],
    functions: &["constructor_declaration", "compact_constructor_declaration"],
    methods: &["method_declaration"],
    classes: &[
        "class_declaration",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "annotation_type_declaration",
    ],
    closures: &["lambda_expression"],
    bindings: &[("variable_declarator", "name", "value")],
    ..NONE
};

pub(super) const CSHARP: Rules = Rules {
    texts: &[
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "interpolated_string_expression",
        "character_literal",
        "shebang_directive",
    ],
    methods: &["method_declaration", "constructor_declaration", "destructor_declaration", "local_function_statement"],
    classes: &[
        "class_declaration",
        "struct_declaration",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "namespace_declaration",
    ],
    closures: &["lambda_expression", "anonymous_method_expression"],
    bindings: &[("variable_declarator", "name", ""), ("assignment_expression", "left", "right")],
    ..NONE
};

pub(super) const RUBY: Rules = Rules {
    comments: &["comment", "uninterpreted"],
    texts: &[
        "string",
        "string_array",
        "symbol_array",
        "regex",
        "subshell",
        "heredoc_body",
        "character",
        "delimited_symbol",
    ],
    functions: &["method", "singleton_method"],
    classes: &["class", "module"],
    ..NONE
};

pub(super) const RUST: Rules = Rules {
    comments: &["line_comment", "block_comment"],
    texts: &["string_literal", "raw_string_literal", "char_literal", "shebang"],
    functions: &["function_item"],
    classes: &["struct_item", "enum_item", "union_item", "trait_item"],
    others: &[
        ("mod_item", Role::Module),
        ("impl_item", Role::Implementation),
        ("attribute_item", Role::Decorator),
        ("token_tree", Role::Opaque),
    ],
    ..NONE
};

pub(super) const PHP: Rules = Rules {
    texts: &["string", "encapsed_string", "heredoc", "nowdoc", "shell_command_expression", "text"],
    functions: &["function_definition"],
    methods: &["method_declaration"],
    classes: &["class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"],
    closures: &["anonymous_function", "arrow_function"],
    bindings: &[("assignment_expression", "left", "right")],
    others: &[("namespace_definition", Role::Module)],
    ..NONE
};
