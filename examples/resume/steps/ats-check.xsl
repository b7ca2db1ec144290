<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the selected skills with the job's keywords (main document), the selected experiences
  and the summary.  Writes, as text, which of the keywords an applicant tracking system (ATS)
  would find in them, and which not.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings">
  <xsl:include href="text.xsl"/>
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:param name="experiences"/>
  <xsl:param name="summary"/>

  <xsl:variable name="content">
    <xsl:for-each select="/skills/group/skill | document(str:encode-uri($experiences, false()))//text()
                          | document(str:encode-uri($summary, false()))//text()">
      <xsl:value-of select="concat(normalize-space(translate(., $from, $to)), ' ')"/>
    </xsl:for-each>
  </xsl:variable>
  <xsl:variable name="found" select="/skills/keyword[contains(concat(' ', $content), @match)]"/>

  <xsl:template match="/skills">
    <xsl:text>Keywords of the posting in the summary, experiences and skills&#10;</xsl:text>
    <xsl:call-template name="coverage"><xsl:with-param name="need" select="'required'"/></xsl:call-template>
    <xsl:call-template name="coverage"><xsl:with-param name="need" select="'preferred'"/></xsl:call-template>
    <xsl:call-template name="coverage"><xsl:with-param name="need" select="'mentioned'"/></xsl:call-template>
  </xsl:template>

  <xsl:template name="coverage">
    <xsl:param name="need"/>
    <xsl:variable name="all" select="keyword[@need = $need]"/>
    <xsl:variable name="hits" select="$found[@need = $need]"/>
    <xsl:if test="$all">
      <xsl:value-of select="concat('&#10;', $need, ': ', count($hits), ' of ', count($all), ', ',
                                   round(100 * count($hits) div count($all)), ' %&#10;')"/>
      <xsl:call-template name="list">
        <xsl:with-param name="label" select="'  found:   '"/>
        <xsl:with-param name="words" select="$hits"/>
      </xsl:call-template>
      <xsl:call-template name="list">
        <xsl:with-param name="label" select="'  missing: '"/>
        <xsl:with-param name="words" select="$all[count(. | $hits) > count($hits)]"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="list">
    <xsl:param name="label"/>
    <xsl:param name="words"/>
    <xsl:value-of select="$label"/>
    <xsl:for-each select="$words">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="."/>
    </xsl:for-each>
    <xsl:if test="not($words)">none</xsl:if>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>
</xsl:stylesheet>
