package io.tidemark.model;

class ScopeModelTest {}
