(* The two rules that equal sums rest on: a bijection that keeps terms, and products of axes. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory. Local Open Scope ring_scope.

Lemma sum_bij (V : zmodType) (I J : finType) (P : pred I) (Q : pred J)
    (F : I -> V) (G : J -> V) (f : J -> I) (g : I -> J) :
  (forall j, Q j -> P (f j) /\ g (f j) = j) ->
  (forall i, P i -> Q (g i) /\ f (g i) = i) ->
  (forall j, Q j -> F (f j) = G j) ->
  \sum_(i | P i) F i = \sum_(j | Q j) G j.
Proof.
move=> there back same; rewrite (reindex_onto f g) => [|i /back[]//].
apply: eq_big => [j|j /andP[/back[]]]; last first.
  by move=> Qgf _ /eqP e; rewrite e in Qgf; apply: same.
apply/andP/idP => [[/back[Qgf _] /eqP e]|Qj]; first by rewrite e in Qgf.
by have [-> ->] := there _ Qj.
Qed.

Section Products.
Variables (I1 I2 J1 J2 : finType) (P1 : pred I1) (P2 : pred I2) (Q1 : pred J1) (Q2 : pred J2).
Variables (f1 : J1 -> I1) (f2 : J2 -> I2) (g1 : I1 -> J1) (g2 : I2 -> J2).

Definition bijective_on (I J : finType) (P : pred I) (Q : pred J) (f : J -> I) (g : I -> J) :=
  (forall j, Q j -> P (f j) /\ g (f j) = j) /\ (forall i, P i -> Q (g i) /\ f (g i) = i).

Lemma bij_prod : bijective_on P1 Q1 f1 g1 -> bijective_on P2 Q2 f2 g2 ->
  bijective_on (fun i : I1 * I2 => P1 i.1 && P2 i.2) (fun j : J1 * J2 => Q1 j.1 && Q2 j.2)
    (fun j => (f1 j.1, f2 j.2)) (fun i => (g1 i.1, g2 i.2)).
Proof.
case=> a1 b1 [a2 b2]; split=> [[j1 j2]|[i1 i2]] /= /andP[h1 h2].
  by have [-> ->] := a1 _ h1; have [-> ->] := a2 _ h2.
by have [-> ->] := b1 _ h1; have [-> ->] := b2 _ h2.
Qed.
End Products.
